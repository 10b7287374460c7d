import LuaRuntime
import PrimitiveKit

/// One case of a spec file.
struct SpecCase: Sendable {
  /// What it does.
  enum Act: Sendable, Equatable {
    /// Starts the runbook that the spec is about.
    case runbook([String: Value])
    /// Calls a primitive of the plugin.
    case call(String, [Value])
    /// Measures a check of the plugin, judged as its manifest says.
    case check(String)
    /// Hands an event to a notifier of the plugin.
    case notify(String, Value)
  }

  let spec: SpecFile
  let name: String
  let place: SourcePlace
  let act: Act
  /// The site, as `site.lua` writes it; nil for the usual one.
  let site: Value?
  /// The settings of the plugin, as the site would have them.
  let settings: Value
  /// What primitives answer: values, or functions of arguments, number of the call, and whether it is only planned.
  let answers: [String: LuaField]
  /// Names of primitives whose outcome a plan cannot know.
  let unknown: [String]
  /// What the operator types; nil passes `--yes`.
  let typed: [String]?
  /// Whether it ends with the plan.
  let isDry: Bool
  let expected: Expectation

  /// What a case expects; nil and empty do not look.
  struct Expectation: Sendable {
    /// The changes it makes, in order.
    var calls: [PretendCalls.Call]?
    /// The steps as `NAME: STATE`, in the order they began.
    var steps: [String]?
    /// What the run is recorded as.
    var state: String?
    /// What it answers; of a table only the fields that are named.
    var result: Value?
    /// Fields of what a check finds, in order: the worst first.
    var findings: [[String: Value]]?
    /// Fields of the plan.
    var plan: [String: Value] = [:]
    /// Texts that have to be among the notes of the plan.
    var notes: [String] = []
    /// Texts that have to be among what it says and prints.
    var says: [String] = []
    /// How it fails; nil when it must not.
    var failure: Failure?
  }

  /// The code of a failure and a part of its message; nil does not look.
  struct Failure: Sendable {
    let code: String?
    let message: String?
  }

  private static let common = [
    "answers", "calls", "dry", "error", "name", "result", "says", "site", "settings", "unknown",
  ]
  private static let ofRunbooks = common + ["arguments", "notes", "plan", "state", "steps", "typed"]
  private static let ofPlugins = common + ["call", "check", "event", "finding", "findings", "notify"]

  init(reading fields: [String: LuaField], at path: String, of spec: SpecFile) throws(DataError) {
    let keys = spec.isOfPlugin ? SpecCase.ofPlugins : SpecCase.ofRunbooks
    let data = DataField(.table(fields.mapValues { $0.function == nil ? $0.data : .bool(true) }), path: path)
    try data.allow(keys)
    if let name = fields.keys.sorted().first(where: { fields[$0]?.function != nil }) {
      throw DataError(path: "\(path).\(name)", expected: "data", got: "a function", hint: "functions go into `answers`")
    }
    self.spec = spec
    place = spec.place(path)
    name = try data.required("name", "what the case shows, in words").string("what the case shows, in words")
    site = data.optional("site")?.value
    settings = .table(try SpecCase.table(data, "settings"))
    _ = try SpecCase.table(data, "answers")
    answers = fields["answers"]?.fields ?? [:]
    unknown = try data.optional("unknown")?.texts("names of primitives") ?? []
    typed = try data.optional("typed").map { (field) throws(DataError) in try SpecCase.typed(field) }
    isDry = try data.optional("dry")?.bool() ?? false
    act = try SpecCase.act(data, spec)
    expected = try Expectation(reading: data)
    try checkThatItCanFail(data)
  }

  /// A case that answers what it is about, or does not say what its check finds, would show nothing.
  private func checkThatItCanFail(_ data: DataField) throws(DataError) {
    switch act {
    case .call(let name, _) where answers[name] != nil:
      throw DataError(
        path: "\(data.path).answers",
        expected: "answers of what \(name) calls",
        got: "an answer of \(name) itself",
        hint: "remove it: the case would see nothing but its own answer"
      )
    case .check where expected.findings == nil && expected.failure == nil:
      throw data.wrong("what the check finds: `finding` or `findings`")
    default: break
    }
  }

  /// A mistake in its site, with the line of the case.
  func wrongSite(_ error: DataError) -> CallFailure {
    CallFailure(
      .invalid,
      code: "spec.invalid",
      message: "\(place): site.\(error.message)",
      hint: error.hint ?? "`site` is what site.lua returns"
    )
  }

  private static func act(_ data: DataField, _ spec: SpecFile) throws(DataError) -> Act {
    guard spec.isOfPlugin else { return .runbook(try table(data, "arguments")) }
    let acts = ["call", "check", "notify"].filter { data.optional($0) != nil }
    guard acts.count < 2 else {
      throw data.wrong("one of `call`, `check` and `notify`", hint: "make two cases of `\(acts[0])` and `\(acts[1])`")
    }
    if let call = data.optional("call") {
      let (name, arguments) = try SpecCase.call(call)
      return .call(name, arguments)
    }
    if let check = data.optional("check") { return .check(try check.string("the name of a check")) }
    let notifier = try data.required("notify", "what the case does: `call`, `check` or `notify`")
    return .notify(try notifier.string("the name of a notifier"), .table(try table(data, "event")))
  }

  /// A call as `{ "desk.open", which = "spot" }`, or `{ "desk.open", "spot" }`.
  static func call(_ field: DataField) throws(DataError) -> (name: String, arguments: [Value]) {
    let expected = #"a call such as { "fleet.stop", on = "web1" }"#
    switch field.value {
    case .array(let words):
      guard case .string(let name)? = words.first else { throw field.wrong(expected) }
      return (name, words.count > 1 ? Array(words.dropFirst()) : [])
    case .table(var fields):
      guard case .string(let name)? = fields.removeValue(forKey: "1"), fields["2"] == nil else {
        throw field.wrong(expected)
      }
      return (name, [.table(fields)])
    default: throw field.wrong(expected)
    }
  }

  static func table(_ data: DataField, _ name: String) throws(DataError) -> [String: Value] {
    guard let field = data.optional(name) else { return [:] }
    switch field.value {
    case .table(let fields): return fields
    case .array(let values) where values.isEmpty: return [:]
    default: throw field.wrong("a table with named fields")
    }
  }

  private static func typed(_ field: DataField) throws(DataError) -> [String] {
    var lines: [String] = []
    for line in try field.list("a list of the lines that are typed") {
      guard case .string(let text) = line.value else { throw line.wrong("a text") }
      lines.append(text)
    }
    return lines
  }
}

extension SpecCase.Expectation {
  init(reading data: DataField) throws(DataError) {
    if let list = data.optional("calls") {
      var calls: [PretendCalls.Call] = []
      for entry in try list.list(#"a list of calls such as { "fleet.stop", on = "web1" }"#) {
        let (name, arguments) = try SpecCase.call(entry)
        var named: [String: Value] = [:]
        if case .table(let fields)? = arguments.first {
          named = fields
        } else if !arguments.isEmpty {
          throw entry.wrong("a call whose arguments are named")
        }
        calls.append(PretendCalls.Call(name: name, arguments: named))
      }
      self.calls = calls
    }
    steps = try data.optional("steps").map { (field) throws(DataError) in try field.texts("steps as \"NAME: STATE\"") }
    state = try data.optional("state")?.string("the state of the run, such as \"ok\"")
    result = data.optional("result")?.value
    if data.optional("finding") != nil { findings = [try SpecCase.table(data, "finding")] }
    if let list = data.optional("findings") {
      findings = try list.list("a list of findings such as { level = \"BAD\" }").map { (entry) throws(DataError) in
        guard case .table(let fields) = entry.value else { throw entry.wrong("a finding such as { level = \"BAD\" }") }
        return fields
      }
    }
    plan = try SpecCase.table(data, "plan")
    notes = try data.optional("notes")?.texts("parts of the notes of the plan") ?? []
    says = try data.optional("says")?.texts("parts of what is said") ?? []
    guard let error = data.optional("error") else { return }
    _ = try error.entries("how it fails: { code = …, message = … }")
    try error.allow(["code", "message"])
    let code = try error.optional("code")?.string("the code of the failure")
    let message = try error.optional("message")?.string("a part of the message")
    guard code != nil || message != nil else {
      throw error.wrong("how it fails: a code, a part of the message, or both", hint: "any mistake would do otherwise")
    }
    failure = SpecCase.Failure(code: code, message: message)
  }
}
