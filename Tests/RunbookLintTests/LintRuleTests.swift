import PrimitiveKit
import RunbookLint
import Testing

struct LintRuleTests {
  @Test(arguments: Mistakes.all.indices)
  func `a mistake is found where it stands`(index: Int) async throws {
    let mistake = Mistakes.all[index]
    let findings = try await Lint.findings(mistake.text)
    let found = findings.filter { $0.rule == mistake.rule }
    #expect(findings.map(\.rule) == found.map(\.rule), "\(findings.map(\.text))")
    #expect(found.count == 1, "\(found.map(\.text))")
    #expect(found.first?.place.line == mistake.line)
    if mistake.message.hasSuffix(": ") {
      #expect(found.first?.message.hasPrefix(mistake.message) == true)
    } else {
      #expect(found.first?.message == mistake.message)
    }
    if let hint = mistake.hint { #expect(found.first?.hint == hint) }
  }

  @Test(arguments: RightTexts.all.indices)
  func `what is right is left in peace`(index: Int) async throws {
    #expect(try await Lint.findings(RightTexts.all[index].text).map(\.text) == [])
  }

  @Test func `every rule has a case of both kinds`() {
    let elsewhere: Set<LintRule> = [
      .unreadable, .versionUnchanged, .versionUnlisted, .versionsFile, .luacheck, .capabilityUndeclared,
    ]
    let rules = Set(LintRule.allCases).subtracting(elsewhere)
    #expect(Set(Mistakes.all.map(\.rule)) == rules)
    #expect(rules.subtracting(RightTexts.all.map(\.rule)) == [])
  }
}
