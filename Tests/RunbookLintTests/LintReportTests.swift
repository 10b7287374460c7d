import Foundation
import PrimitiveKit
import RunbookLint
import Testing

struct LintReportTests {
  @Test func `findings are printed one a line, in order, with a sum`() async throws {
    let lint = Lint(["b.lua": "y = 1", "a.lua": "local x = 1\nprint(nowhere, fleet.deplyo)"])
    let report = try await lint.run(["b.lua", "a.lua"])
    #expect(
      report.text == """
        a.lua:2:7: error: no variable named 'nowhere' (global-read)
        a.lua:2:22: error: no such name: 'fleet.deplyo' (unknown-primitive)
            did you mean 'fleet.deploy'?
        b.lua:1:1: error: 'y' is assigned but not local (global-write)
            declare it with `local`
        2 files: 3 errors, 0 warnings
        """
    )
    #expect(report.exitCode(isStrict: false) == .dataInvalid)
    #expect(
      report.json.hasPrefix(
        #"{"errors":3,"files":2,"findings":[{"column":7,"file":"a.lua","line":2,"message":"no variable named 'nowhere'","#
      )
    )
  }

  @Test func `warnings fail only where they are wanted to`() async throws {
    let report = try await Lint(["a.lua": Lint.runbook()]).run(["a.lua"])
    #expect(report.warnings == 1 && report.errors == 0)
    #expect(report.exitCode(isStrict: false) == .ok)
    #expect(report.exitCode(isStrict: true) == .failuresWithinBudget)
    let clean = try await Lint(["a.lua": "print(1)"]).run(["a.lua"])
    #expect(clean.text == "1 file: 0 errors, 0 warnings")
    #expect(clean.exitCode(isStrict: true) == .ok)
  }

  @Test func `a file that cannot be read is one error, and the others are looked at`() async throws {
    let report = try await Lint(["a.lua": "x = 1"]).run(["none.lua", "secret.lua", "binary.lua", "a.lua"])
    #expect(report.findings.map(\.rule) == [.globalWrite, .unreadable, .unreadable, .unreadable])
    #expect(
      report.findings.dropFirst().map(\.message)
        == ["the file is not UTF-8 text", "no such file", "secret.lua cannot be read"]
    )
  }

  @Test func `what luacheck says is passed on`() async throws {
    var lint = Lint(["a.lua": "#!/usr/bin/env opsh\nfleet.deploy<on='a'>"])
    lint.luacheck = { text, path in
      text == "#!/usr/bin/env opsh\nfleet.deploy{on='a'}"
        ? "\(path):2:5: (W211) unused variable 'x'\nTotal: 1 warning\n" : nil
    }
    let report = try await lint.run(["a.lua"])
    #expect(report.findings.map(\.text) == ["a.lua:2:5: warning: (W211) unused variable 'x' (luacheck)"])
    #expect(Luacheck.arguments(path: "a.lua").last == "-")
  }

  @Test func `every rule stands in the reference`() throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../docs/lint.md")
    let text = try String(contentsOf: page.standardizedFileURL, encoding: .utf8)
    let rows = LintRule.allCases.map { "| `\($0.rawValue)` | \($0.severity.rawValue) | \($0.summary) |" }
    let found = text.split(separator: "\n").map(String.init).filter { $0.hasPrefix("| `") }
    #expect(found == rows)
  }
}
