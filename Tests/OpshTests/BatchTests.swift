import Testing

struct BatchTests {
  @Test func `pieces of code share their globals and show their results`() throws {
    let run = try OpshRun("-e", "x = 40", "-e", "x + 2", "-e", "x;", "-e", #"return "a\nb", nil"#)
    #expect(run.output == "42\n\"a\\nb\"\nnil\n")
    #expect(run.status == 0)
  }

  @Test func `records show as a table without losing a column`() throws {
    let long = String(repeating: "x", count: 200)
    let run = try OpshRun("-e", #"{ { qb = "one", qa = 1, qc = "\#(long)" }, { qb = "three", qa = 10 } }"#)
    #expect(run.output == "qa  qb     qc\n 1  one    \(long)\n10  three  -\n")
  }

  @Test func `a script with a shebang line keeps its line numbers`() throws {
    let place = try Scratch()
    try place.file("runbooks/x.lua", "#!/usr/bin/env opsh\nlocal function f() help<subjct=1> end\nf()\n")
    let run = try OpshRun("runbooks/x.lua", directory: place)
    #expect(run.status == 65)
    #expect(
      run.errors == """
        runbooks/x.lua:2: help: no argument named 'subjct'
          hint: did you mean 'subject'?
          called from runbooks/x.lua:3

        """
    )
  }

  @Test func `the first failure ends the run`() throws {
    let run = try OpshRun("-e", "print(1)", "-e", "error(\"boom\")", "-e", "print(2)")
    #expect(run.output == "1\n")
    #expect(run.errors.hasPrefix("-e:1: boom\n"))
    #expect(run.status == 65)
  }

  @Test func `a script comes from standard input with - or without a terminal`() throws {
    #expect(try OpshRun("-", "a=5", input: "print(args.a)").output == "5\n")
    #expect(try OpshRun(input: "print(7)").output == "7\n")
    #expect(try OpshRun(input: "1 + 2").output == "3\n", "a value that is asked for is shown")
  }

  @Test func `everything is an event with json`() throws {
    let run = try OpshRun(
      "--json",
      "-e",
      #"print("a", 1)"#,
      "-e",
      "{ 1 }",
      "-e",
      #"error{ code = "x.y", message = "no" }"#
    )
    let lines = run.output.split(separator: "\n").map { line in
      line.replacing(#/"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",/#, with: "")
    }
    #expect(
      lines == [
        #"{"event":"print","text":"a\t1"}"#, #"{"event":"result","value":[1]}"#,
        #"{"event":"error","class":"invalid","code":"x.y","message":"no","trace":["-e:1"]}"#,
      ]
    )
    #expect(run.errors.isEmpty)
    #expect(run.status == 65)
  }

  @Test func `a script that cannot be read says why`() throws {
    let place = try Scratch()
    try place.file("latin.lua", "")
    let missing = try OpshRun("nope.lua", directory: place)
    #expect(missing.errors.hasPrefix("opsh: nope.lua cannot be read: No such file or directory\n"))
    #expect(missing.status == 65)
    #expect(try OpshRun("/", directory: place).errors.hasPrefix("opsh: / cannot be read: Is a directory"))
  }

  @Test(arguments: [("exit(7)", 7), ("pcall(exit, 7) print(2)", 7), ("quit()", 0), ("coroutine.wrap(exit)(3)", 3)])
  func `exit ends a script at once with its status`(code: String, status: Int32) throws {
    let run = try OpshRun("-e", code, "-e", "print(1)")
    #expect(run.status == status)
    #expect(run.output.isEmpty)
    #expect(run.errors.isEmpty)
  }

  @Test func `help answers by function, by name and by word`() throws {
    let pages = try ["help(print_all)", #"help "print_all""#, "help<subject=\"columns\">"].map {
      try OpshRun("-e", $0).output
    }
    #expect(pages[0].hasPrefix("print_all([value])\n  Prints a value in full"))
    #expect(pages[1] == pages[0])
    #expect(pages[2] == pages[0])
    #expect(try OpshRun("-e", "help<>").output.contains("print_all   reads"))
  }

  // It said that a function is not data, or that 'subject' should be a string.
  @Test(arguments: ["wait_until", "set", "unwrap", "is_unknown", "json.null", "json.encode", "require"])
  func `help answers for everything that it can be handed`(name: String) throws {
    let run = try OpshRun("-e", "help(\(name))")
    #expect(run.status == 0 && run.output.hasPrefix(name), "\(run)")
  }

  @Test func `a function of the operator has no help`() throws {
    let run = try OpshRun("-e", "help(function() end)")
    #expect(
      run.errors.contains("that function has no help") && run.errors.contains("lists what has"),
      "\(run)"
    )
  }

  @Test(arguments: [
    ("print({ 1, 2 })", "{ 1, 2 }"), ("print({ a = { b = 1 } }, 2)", "{ a = { b = 1 } }\t2"), ("print({})", "{}"),
    ("print({ { name = 'web1', port = 22 } })", "name  port\nweb1    22"), ("print_all({})", "{}"),
    ("print({ value = 1 })", "{ value = 1 }"), ("print(fleet, string)", "fleet\tstring"),
    ("print(setmetatable({}, { __tostring = function() return 'own' end }))", "own"),
  ])
  func `a table is printed with what is in it`(code: String, output: String) throws {
    #expect(try OpshRun("-e", code).output == output + "\n")
  }

  @Test(arguments: ["print({ print })", "local t = {} t.t = t print(t)"])
  func `a table that is no data is printed as Lua does`(code: String) throws {
    #expect(try OpshRun("-e", code).output.hasPrefix("table: 0x"))
  }

  @Test func `output that cannot be written is no success, and standard error says why`() throws {
    let run = try OpshRun(["-e", "print(1)"], canWrite: false)
    let words = "standard output cannot be written: Bad file descriptor; whatever is running stops"
    #expect(run.errors == "opsh: \(words)\n")
    #expect(run.status == 65)
  }

  @Test func `it runs with an empty environment`() throws {
    let run = try OpshRun("-e", "print(1)", environment: [:])
    #expect(run.output == "1\n")
    #expect(run.status == 0)
  }
}
