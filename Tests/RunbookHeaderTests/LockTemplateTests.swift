import PrimitiveKit
import RunbookHeader
import Testing

struct LockTemplateTests {
  private func scopes(_ text: String, _ values: [String: Value]) throws(CallFailure) -> [String] {
    try LockTemplate(text: text).scopes(for: try RunbookArguments(values)).map(\.description)
  }

  @Test func `parameters are put into the scope`() throws {
    #expect(try scopes("fleet", [:]) == ["fleet"])
    #expect(
      try scopes("environment/{e}/system/x{n}", ["e": .string("demo"), "n": .int(5)]) == ["environment/demo/system/x5"]
    )
  }

  @Test func `a list gives one scope for each element`() throws {
    let hosts = Value.array([.string("web1"), .string("web2"), .string("web1")])
    #expect(try scopes("host/{on}", ["on": hosts]) == ["host/web1", "host/web2"])
    #expect(try scopes("host/{on}", ["on": .array([])]).isEmpty)
  }

  @Test func `a set becomes names through the caller`() throws {
    let arguments = try RunbookArguments(["on": .string("web[1-2]")])
    let scopes = try LockTemplate(text: "host/{on}", mode: .shared).scopes(for: arguments) { name, value in
      #expect(name == "on" && value == .string("web[1-2]"))
      return ["web1", "web2"]
    }
    #expect(scopes == [LockScope("host/web1", mode: .shared), LockScope("host/web2", mode: .shared)])
  }

  @Test(arguments: ["", "a/b", "a b", "web*", "a\u{1}"])
  func `a value that would be another scope is refused`(text: String) {
    let failure = #expect(throws: CallFailure.self) { try scopes("host/{on}", ["on": .string(text)]) }
    #expect(failure?.code == "runbook.argument")
  }

  @Test func `of several parameters the first with a value counts`() throws {
    #expect(try scopes("host/{bot|on}", ["on": "web1".value, "bot": "bot1".value]) == ["host/bot1"])
    #expect(try scopes("host/{bot|on}", ["on": "web1".value, "bot": .null]) == ["host/web1"])
    #expect(LockTemplate(text: "host/{bot|on}").placeholders == ["bot", "on"])
    #expect(try RunbookArguments(["on": "web1".value]).filled("{bot|on} of {day}") == "web1 of {day}")
    let failure = #expect(throws: CallFailure.self) { try scopes("host/{bot|on}", [:]) }
    #expect(failure?.message == "the lock 'host/{bot|on}' needs the parameter 'bot' or 'on', which has no value")
  }

  @Test func `a parameter without a value cannot be locked`() {
    let failure = #expect(throws: CallFailure.self) { try scopes("host/{on}", [:]) }
    #expect(failure?.message == "the lock 'host/{on}' needs the parameter 'on', which has no value")
  }

  @Test func `what a runbook needs is checked`() async throws {
    let needs = try await Sample.header(
      "{ version = '1.0.0', run = function() end, requires = { opsh = '>=0.2', plugins = { process = '>=1.1' } } }"
    ).requirements
    func failure(_ opsh: SemanticVersion, _ plugins: [String: String]) -> String? {
      do throws(CallFailure) {
        try needs.check(opsh: opsh, plugins: plugins)
        return nil
      } catch {
        return error.message
      }
    }
    #expect(failure(SemanticVersion(0, 2, 0), ["process": "1.1.0"]) == nil)
    #expect(failure(SemanticVersion(0, 1, 0), [:]) == "the runbook needs opsh >=0.2; this is 0.1.0")
    #expect(failure(SemanticVersion(1, 0, 0), [:]) == "the runbook needs the plugin 'process', which is not loaded")
    #expect(
      failure(SemanticVersion(1, 0, 0), ["process": "1.0.9"])
        == "the runbook needs the plugin 'process' >=1.1; this is 1.0.9"
    )
  }

  @Test func `a question is filled in one pass`() throws {
    let arguments = try RunbookArguments(["a": .string("{b}"), "b": .array([.int(1), .int(2)])])
    #expect(arguments.filled("Roll {a} to {b}, not {c} or {") == "Roll {b} to 1,2, not {c} or {")
  }
}
