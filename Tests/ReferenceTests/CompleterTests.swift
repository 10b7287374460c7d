import PrimitiveKit
import Reference
import Testing

struct CompleterTests {
  private struct Site: CandidateSource {
    func candidates(for kind: Completion, startingWith typed: String) -> [String] {
      let names: [String] =
        switch kind {
        case .hosts: ["web1", "web2", "db1"]
        case .selectors: ["@staging", "all", "bot1", "bot2", "staging"]
        case .images: ["v1", "v2"]
        default: []
        }
      return names.filter { $0.hasPrefix(typed) }
    }

    func runbook(named name: String) -> PrimitiveInfo? {
      guard name == "roll" else { return nil }
      func parameter(_ name: String, _ completion: Completion) -> ParameterInfo {
        ParameterInfo(
          name: name,
          type: "string",
          help: "",
          isRequired: true,
          defaultValue: nil,
          completion: completion
        )
      }
      let parameters = [parameter("target", .selectors), parameter("speed", .choices(["fast", "routine"]))]
      return PrimitiveInfo(name: name, summary: "", parameters: parameters)
    }
  }

  private static let completer = Completer(ExampleCatalog.infos, candidates: Site()) { path in
    switch path {
    case "": ["print", "pairs", "string", "fleet", "release"]
    case "string": ["rep", "reverse", "format"]
    case "release": ["name", "not a name"]
    default: []
    }
  }

  @Test(arguments: [
    ("fl", ["fleet."]),
    ("fleet.de", ["fleet.deploy"]),
    ("fleet.", ["fleet.deploy", "fleet.exec", "fleet.hosts"]),
    ("x = fleet.h", ["fleet.hosts"]),
    ("string.re", ["string.rep", "string.reverse"]),
    ("release.", ["release.name"]),
    ("p", ["pairs", "print"]),
    ("rep", ["repeat"]),
    ("wh", ["while"]),
    ("if fleet.deploy <", ["fleet.", "help", "pairs", "print", "release", "string"]),
    ("-- fleet.de", []),
    ("--[[ fleet.de", []),
    (#"x = "fleet.de"#, []),
    ("x = [[fleet.de", []),
    ("x = 12", []),
    ("fleet.nothing", []),
  ])
  func `names are completed part by part`(source: String, candidates: [String]) {
    #expect(Self.completer.complete(source.utf8).candidates.map(\.text) == candidates)
  }

  @Test(arguments: [
    ("fleet.deploy<", ["dry_run=", "image=", "speed=", "target="]),
    ("fleet.deploy<sp", ["speed="]),
    (#"fleet.deploy<target="all", "#, ["dry_run=", "image=", "speed="]),
    ("fleet.deploy{", ["dry_run=", "image=", "speed=", "target="]),
    ("fleet.deploy({", ["dry_run=", "image=", "speed=", "target="]),
    (#"fleet.exec("web1", { cm"#, ["cmd="]),
    (#"fleet.deploy<target=f("a, b", {c, d}), i"#, ["image="]),
    ("fleet.deploy{ -- why\n  im", ["image="]),
    ("fleet.deploy<>\nfleet.ex", ["fleet.exec"]),
  ])
  func `the names of arguments are completed once each`(source: String, candidates: [String]) {
    #expect(Self.completer.complete(source.utf8).candidates.map(\.text) == candidates)
  }

  @Test(arguments: [
    ("fleet.deploy<speed=", [#""fast""#, #""immediate""#, #""routine""#]),
    ("fleet.deploy<speed=f", [#""fast""#, "false", "fleet.", "for", "function"]),
    (#"fleet.deploy<speed="ro"#, [#"routine""#]),
    ("fleet.deploy<speed='", ["fast", "immediate", "routine"]),
    ("fleet.deploy<dry_run=", ["false", "true"]),
    (#"fleet.deploy{ image="v"#, ["v1", "v2"]),
    (#"fleet.exec("we"#, ["web1", "web2"]),
    (#"fleet.exec("db1,we"#, ["web1", "web2"]),
    (#"fleet.deploy<target="@"#, ["@staging"]),
    (#"fleet.deploy("all", "i"#, [#"immediate""#]),
    (#"fleet.hosts "d"#, ["db1"]),
    (#"fleet.exec("web1", "up"#, []),
    (#"fleet.deploy<speed="a" .. "ro"#, []),
    (#"fleet.deploy<speed=="ro"#, []),
  ])
  func `the values of arguments are completed from what they may be`(source: String, candidates: [String]) {
    #expect(Self.completer.complete(source.utf8).candidates.map(\.text) == candidates)
  }

  @Test func `a candidate brings a few words about itself`() {
    let answers = ["fleet.de", "fleet.deploy<ta"].flatMap { Self.completer.complete($0.utf8).candidates }
    #expect(answers.map(\.summary) == ["Rolls a new image over bots.", "Which bots"])
  }

  @Test(arguments: [
    ("x = fleet.de", 4), ("fleet.deploy<sp", 13), (#"fleet.exec("db1,we"#, 16), (#"f("é", fleet."#, 8), ("", 0),
  ])
  func `what is replaced begins where the word does`(source: String, start: Int) {
    #expect(Self.completer.complete(source.utf8).start == start)
  }

  @Test(arguments: [
    (#"runbook.run<name="roll", arguments={ ta"#, "ta", ["target="]),
    (#"runbook.run{ name = "roll", arguments = { target="st"#, "st", ["staging"]),
    (#"runbook.drill<name='roll', arguments={ target="all", speed="f"#, "f", [#"fast""#]),
    (#"runbook.run<name="roll", arguments={ target="all", s"#, "s", ["speed="]),
    (#"runbook.run<name="gone", arguments={ ta"#, "", []),
    (#"runbook.run<name="roll", arguments={ target="a}" }, ta"#, "", []),
  ])
  func `the arguments of a runbook are completed as it declares them`(source: String, typed: String, texts: [String]) {
    let answer = Self.completer.complete(source.utf8)
    let found = answer.candidates.map(\.text)
    guard !texts.isEmpty else { return #expect(!found.contains("target=")) }
    #expect(found == texts)
    #expect(answer.start == source.utf8.count - typed.utf8.count)
  }
}
