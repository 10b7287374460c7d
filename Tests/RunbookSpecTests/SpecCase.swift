import LuaRuntime
import PrimitiveKit
import Testing

/// One case of a spec file.
struct SpecCase: Sendable, CustomTestStringConvertible {
  let spec: SpecFile
  let fields: [String: LuaField]

  var name: String { text("name") ?? "without a name" }
  var testDescription: String { "\(spec.runbook): \(name)" }

  /// The parameters of the runbook.
  var arguments: [String: Value] { table("arguments") }
  /// What primitives answer: values, or functions of arguments, number of the call, and whether it is only planned.
  var answers: [String: LuaField] {
    guard case .table(let answers)? = fields["answers"] else {
      // A case without functions is plain data.
      return table("answers").mapValues(LuaField.value)
    }
    return answers
  }
  /// Names of primitives whose outcome a plan cannot know.
  var unknown: [String] { texts("unknown") ?? [] }
  /// What the operator types; nil passes `--yes`.
  var typed: [String]? { texts("typed") }
  /// Whether it ends with the plan.
  var isDry: Bool { fields["dry"]?.data == .bool(true) }

  /// The changes it makes, in order, as `{ "fleet.deploy", target = "all" }`; nil does not look.
  var calls: [PretendCalls.Call]? {
    guard let data = fields["calls"]?.data else { return nil }
    guard case .array(let calls) = data else { return [] }
    return calls.map { call in
      var arguments: [String: Value] = [:]
      if case .table(let fields) = call { arguments = fields }
      var name = ""
      if case .string(let text)? = arguments.removeValue(forKey: "1") { name = text }
      if case .array(let words) = call, case .string(let text)? = words.first { name = text }
      return PretendCalls.Call(name: name, arguments: arguments)
    }
  }

  /// The steps as `NAME: STATE`, in the order they began.
  var steps: [String]? { texts("steps") }
  /// What the run is written down as.
  var state: String? { text("state") }
  /// Fields of what `run` answers.
  var result: [String: Value]? { fields["result"] == nil ? nil : table("result") }
  /// Fields of the plan.
  var plan: [String: Value]? { fields["plan"] == nil ? nil : table("plan") }
  /// Texts that have to be among the notes of the plan.
  var notes: [String] { texts("notes") ?? [] }
  /// `code` and a part of the message of how it fails; nil when it must not.
  var failure: (code: String, message: String)? {
    guard let field = fields["error"] else { return nil }
    let words = field.data
    func word(_ name: String) -> String { if case .string(let text) = words[name] { text } else { "" } }
    return (word("code"), word("message"))
  }

  private func text(_ name: String) -> String? {
    guard case .string(let text)? = fields[name]?.data else { return nil }
    return text
  }

  private func texts(_ name: String) -> [String]? {
    guard let data = fields[name]?.data else { return nil }
    guard case .array(let values) = data else { return [] }
    return values.compactMap { if case .string(let text) = $0 { text } else { nil } }
  }

  private func table(_ name: String) -> [String: Value] {
    guard case .table(let fields)? = fields[name]?.data else { return [:] }
    return fields
  }
}
