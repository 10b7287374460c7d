import Testing

struct CommandLineTests {
  @Test(arguments: [
    (["--jsn"], "opsh: unknown option '--jsn'\n  hint: did you mean '--json'?\n"),
    (["-e"], "opsh: '-e' needs a value\n  hint: `opsh --help` lists the options\n"),
    (["--site"], "opsh: '--site' needs a value\n  hint: `opsh --help` lists the options\n"),
    (["--yes=1"], "opsh: '--yes=1' takes no value\n  hint: `opsh --help` lists the options\n"),
    (["-yz"], "opsh: unknown option '-yz'\n  hint: `opsh --help` lists the options\n"),
    (
      ["x.lua", "web1"],
      "opsh: arguments after the script must be name=value, got 'web1'\n"
        + "  hint: for example: opsh runbooks/reset.lua target=staging\n"
    ),
  ])
  func `a wrong command line ends with 64 and says what is wrong`(words: [String], errors: String) throws {
    let run = try OpshRun(words)
    #expect(run.status == 64)
    #expect(run.output.isEmpty)
    #expect(run.errors == errors)
  }

  @Test func `options may stand before and after the file`() throws {
    let place = try Scratch()
    try place.file("x.lua", "print(args.name, args.other)")
    for words in [["--quiet", "x.lua", "name=a=b", "other="], ["x.lua", "name=a=b", "other=", "-q"]] {
      let run = try OpshRun(words, directory: place)
      #expect(run.output == "a=b\t\n")
      #expect(run.status == 0)
    }
  }

  @Test func `version and help go to standard output`() throws {
    #expect(try OpshRun("--version").output == "opsh 0.1.0\n")
    let help = try OpshRun("--help").output
    for option in ["-e, --execute CODE", "--dry-run", "--site FILE", "--no-color"] { #expect(help.contains(option)) }
  }

  @Test func `the catalog is one JSON object with every primitive`() throws {
    let run = try OpshRun("--catalog")
    #expect(run.output.hasPrefix(#"{"opsh":"0.1.0","primitives":[{"#))
    #expect(run.output.contains(#""name":"help""#))
    #expect(run.output.filter(\.isNewline).count == 1)
  }

  @Test func `a site that is named must be there`() throws {
    let option = try OpshRun("--site", "nope.lua", "-e", "1")
    #expect(option.status == 65)
    #expect(option.errors.hasPrefix("opsh: --site names 'nope.lua', which does not exist\n"))
    let variable = try OpshRun("-e", "1", environment: ["OPSH_SITE": "gone.lua"])
    #expect(variable.status == 65)
    #expect(variable.errors.hasPrefix("opsh: OPSH_SITE names 'gone.lua', which does not exist\n"))
  }
}
