import PrimitiveKit
import RunbookHeader
import Testing

struct RunbookParametersTests {
  private static let list = """
    {
      { "target", type = "hosts", help = "Which hosts" },
      { "count", type = "integer", required = false, min = 1, max = 9 },
      { "share", type = "number", required = false },
      { "speed", type = "speed", default = "routine", choices = { "routine", "fast" } },
      { "settle", type = "duration", required = false, max = "1h" },
      { "force", type = "boolean", required = false },
      { "bots", type = "bots", required = false },
      { "digest", type = "digest", required = false },
      { "image", type = "image", required = false },
      { "run_id", type = "run", required = false },
      { "why", type = "reason", required = false },
      { "names", type = "list of strings", required = false, max = 3, pattern = "[a-z]+" },
      { "numbers", type = "list of integers", required = false, choices = { 1, 2 } },
    }
    """

  private static let digest = "sha256:" + String(repeating: "0a", count: 32)

  @Test(arguments: [
    ("count=5", "count", Value.int(5)), ("count=+5", "count", .int(5)), ("share=0.5", "share", .number(0.5)),
    ("share=2", "share", .number(2)), ("speed=fast", "speed", .string("fast")), ("settle=1m30s", "settle", .int(90)),
    ("settle=90", "settle", .int(90)), ("settle=250ms", "settle", .number(0.25)), ("force=yes", "force", .bool(true)),
    ("force=false", "force", .bool(false)), ("bots=bot[1-3]", "bots", .string("bot[1-3]")),
    ("bots=539", "bots", .string("bot539")),
    ("bots=@canary", "bots", .string("@canary")), ("digest=\(digest)", "digest", .string(digest)),
    ("image=v2", "image", .string("v2")), ("why=a=b", "why", .string("a=b")),
    ("names=a,b", "names", .array([.string("a"), .string("b")])), ("names=", "names", .array([])),
    ("names=a, b", "names", .array([.string("a"), .string("b")])),
    ("numbers=1,2,1", "numbers", .array([.int(1), .int(2), .int(1)])),
  ])
  func `words of the command line become values`(word: String, name: String, value: Value) async throws {
    let arguments = try await Sample.parameters(Self.list).bind(words: ["target=all", word])
    #expect(arguments.values[name] == value)
    #expect(arguments.values["target"] == .string("all"))
    #expect(arguments.values["speed"] != nil)
  }

  @Test(arguments: [
    ("count", Value.number(5), Value.int(5)), ("share", .int(2), .number(2)), ("settle", .string("2m"), .int(120)),
    ("settle", .number(0.5), .number(0.5)), ("bots", .int(7), .string("bot7")),
    ("bots", .array([.string("bot1"), .string("bot2")]), .string("bot1,bot2")), ("names", .table([:]), .array([])),
    ("force", .bool(true), .bool(true)),
  ])
  func `values of Lua get the type of the parameter`(name: String, given: Value, bound: Value) async throws {
    let arguments = try await Sample.parameters(Self.list).bind(values: ["target": .string("web1"), name: given])
    #expect(arguments.values[name] == bound)
  }

  static let wrong: [(word: String, message: String, hint: String?)] = [
    ("taget=all", "deploy: no parameter named 'taget'", "did you mean 'target'?"),
    ("zzz=1", "deploy: no parameter named 'zzz'", nil),
    ("count=5.5", "deploy: 'count' should be a whole number, got \"5.5\"", nil),
    ("count=10", "deploy: 'count' should be at most 9, got 10", nil),
    ("count=0", "deploy: 'count' should be at least 1, got 0", nil),
    ("count=0x5", "deploy: 'count' should be a whole number, got \"0x5\"", nil),
    ("share=nan", "deploy: 'share' should be a number, got \"nan\"", nil),
    ("speed=fsat", "deploy: 'speed' should be one of routine, fast, got \"fsat\"", "did you mean 'fast'?"),
    ("speed=", "deploy: 'speed' should be the name of a speed, got \"\"", nil),
    ("settle=2h", "deploy: 'settle' should be at most 3600 seconds, got 7200", nil),
    ("settle=soon", "deploy: 'settle' should be a duration such as 30 or \"1m30s\", got \"soon\"", nil),
    ("settle=-5", "deploy: 'settle' should be a duration such as 30 or \"1m30s\", got -5.0", nil),
    ("force=1", "deploy: 'force' should be true or false, got \"1\"", nil),
    ("bots=web[1", "deploy: 'bots' should be a set of bots, got \"web[1\"", nil),
    ("bots=", "deploy: 'bots' should be a set of bots, got \"\"", nil),
    ("digest=sha256:00", "deploy: 'digest' should be \"sha256:\" and 64 hexadecimal digits, got \"sha256:00\"", nil),
    ("image=a b", "deploy: 'image' should be the name of an image, got \"a b\"", nil),
    ("run_id=", "deploy: 'run_id' should be the name of a run, got \"\"", nil),
    ("why=  ", "deploy: 'why' should be a reason in a few words, got \"  \"", nil),
    ("names=a,b,c,d", "deploy: 'names' should be at most 3 elements, got table", nil),
    ("names=a,B", "deploy: 'names' should be a text like [a-z]+, got \"B\"", nil),
    ("numbers=3", "deploy: 'numbers' should be one of 1, 2, got 3", nil),
    ("numbers=1,", "deploy: 'numbers' should be a whole number, got \"\"", nil),
    ("target=web2", "deploy: 'target' is given twice", nil),
    ("fast", "deploy: arguments after the runbook must be name=value, got 'fast'", nil),
    ("=5", "deploy: arguments after the runbook must be name=value, got '=5'", nil),
  ]

  @Test(arguments: wrong.indices)
  func `a wrong argument is named with what is expected`(index: Int) async throws {
    let parameters = try await Sample.parameters(Self.list)
    let (word, message, hint) = Self.wrong[index]
    let failure = #expect(throws: CallFailure.self) { try parameters.bind(words: ["target=all", word]) }
    #expect(failure?.code == "runbook.argument")
    #expect(failure?.message == message)
    #expect(failure?.hint?.hasSuffix("usage: \(parameters.usage)") == true)
    if let hint { #expect(failure?.hint?.hasPrefix("\(hint)\nusage: ") == true) }
  }

  @Test func `every missing parameter is named at once`() async throws {
    let parameters = try await Sample.parameters("{ { 'a' }, { 'b', help = 'The b' }, { 'c', type = 'boolean' } }")
    #expect(parameters.usage == "opsh runbooks/deploy.lua a=STRING b=STRING c=true|false")
    let all = #expect(throws: CallFailure.self) { try parameters.bind([:]) }
    #expect(all?.message == "deploy: 'a', 'b' and 'c' are missing")
    let one = #expect(throws: CallFailure.self) { try parameters.bind(words: ["a=1", "c=true"]) }
    #expect(one?.message == "deploy: 'b' is missing")
    #expect(one?.hint == "The b\nusage: \(parameters.usage)")
  }

  @Test func `nil from Lua is no argument`() async throws {
    let parameters = try await Sample.parameters("{ { 'a', default = 'x' } }")
    #expect(try parameters.bind(values: ["a": .null]).values == ["a": .string("x")])
  }

  @Test func `equal arguments have one text and one hash`() async throws {
    let parameters = try await Sample.parameters(Self.list)
    let words = try parameters.bind(words: ["target=all", "settle=2m", "share=2"])
    let values = try parameters.bind(values: ["share": .int(2), "settle": .int(120), "target": .string("all")])
    #expect(words == values)
    #expect(words.json == #"{"settle":120,"share":{"$number":"2.0"},"speed":"routine","target":"all"}"#)
    #expect(words.hash == values.hash && words.hash.utf8.count == 64)
    #expect(try parameters.bind(words: ["target=all"]).hash != words.hash)
  }
}
