import LuaSyntax
import PrimitiveKit
import RunbookHeader

/// What a manifest promises: the names of what `init.lua` delivers, and how each is used.
package struct Contributions: Sendable, Equatable {
  private(set) var primitives: [PrimitiveDeclaration] = []
  private(set) var checks: [CheckPromise] = []
  private(set) var runbooks: [String] = []
  private(set) var runtimes: [String] = []
  package private(set) var transports: [String] = []
  package private(set) var notifiers: [String] = []
  private(set) var hooks: [String] = []
  package private(set) var inventories: [String] = []

  /// Whether something of it runs in the session's Lua.
  var hasCode: Bool { !functions.isEmpty || !runbooks.isEmpty }

  /// The sections that `init.lua` answers with data, and the names in each.
  var drivers: [(section: String, names: [String])] {
    [("runtimes", runtimes), ("transports", transports)].filter { !$0.1.isEmpty }
  }

  /// The sections that `init.lua` answers with functions, and the names in each.
  var functions: [(section: String, names: [String])] {
    [
      ("primitives", primitives.map(\.name)), ("checks", checks.map(\.name)), ("notifiers", notifiers),
      ("hooks", hooks), ("inventories", inventories),
    ]
    .filter { !$0.1.isEmpty }
  }

  static let sections = [
    "primitives", "checks", "runbooks", "runtimes", "transports", "notifiers", "hooks", "inventories",
  ]

  init(reading field: DataField?, of id: String) throws(DataError) {
    guard let field else { return }
    _ = try field.entries("a table such as { primitives = { … } }")
    try field.allow(Contributions.sections)
    for entry in try field.optional("primitives")?.list("a list of primitives") ?? [] {
      let primitive = try PrimitiveDeclaration(reading: entry, of: id)
      guard !primitives.contains(where: { $0.name == primitive.name }) else {
        throw entry.wrong("one primitive '\(primitive.name)'", hint: "it is declared twice")
      }
      primitives.append(primitive)
    }
    for entry in try field.optional("checks")?.list("a list of checks") ?? [] {
      let check = try CheckPromise(reading: entry, of: id)
      guard !checks.contains(where: { $0.name == check.name }) else {
        throw entry.wrong("one check '\(check.name)'", hint: "it is declared twice")
      }
      checks.append(check)
    }
    runbooks = try Contributions.names("runbooks", field)
    runtimes = try Contributions.names("runtimes", field)
    transports = try Contributions.names("transports", field)
    if let odd = transports.first(where: { HostAddress.Kind.builtIn.contains(HostAddress.Kind(rawValue: $0)) }) {
      throw DataError(
        path: "\(field.path).transports",
        expected: "a transport that opsh does not have",
        got: "'\(odd)'",
        hint: "give it a name of its own"
      )
    }
    notifiers = try Contributions.names("notifiers", field)
    hooks = try Contributions.names("hooks", field)
    inventories = try Contributions.names("inventories", field)
  }

  private static func names(_ section: String, _ field: DataField) throws(DataError) -> [String] {
    guard let list = field.optional(section) else { return [] }
    var names: [String] = []
    for entry in try list.list("a list of names") {
      let name = try entry.plainName("a name")
      guard !names.contains(name) else { throw entry.wrong("one entry '\(name)'", hint: "it is listed twice") }
      names.append(name)
    }
    return names
  }

  /// One of a section, such as `primitive`.
  static func noun(_ section: String) -> String {
    section.hasSuffix("ies") ? "\(section.dropLast(3))y" : String(section.dropLast())
  }

  /// What it provides, one a line, for example `primitive rocky.mint`.
  ///
  /// The checks of a plugin that serves systems have their names in front, so `check SYSTEM.lag`.
  func lines(of id: String, servesSystems: Bool) -> [String] {
    let prefix = servesSystems ? "SYSTEM" : id
    return primitives.map { "primitive \(id).\($0.name)" } + checks.map { "check \(prefix).\($0.name)" }
      + runbooks.map { "runbook \(id)/\($0)" } + runtimes.map { "runtime \($0)" }
      + transports.map { "transport \($0)" } + notifiers.map { "notifier \($0)" }
      + hooks.map { "hook \($0)" } + inventories.map { "inventory \($0)" }
  }
}

/// A primitive as a manifest declares it, with the fields that one of opsh has.
struct PrimitiveDeclaration: Sendable, Equatable {
  let name: String
  let summary: String
  let effect: Effect
  let params: [RunbookParameter]
  let returns: String
  let examples: [Example]
  let topics: [String]
  /// What is wrong with its parameters, in the words of runbooks, which declare theirs alike.
  let problem: HeaderProblem?

  static let keys = ["name", "summary", "effect", "params", "returns", "examples", "topics"]

  init(reading entry: DataField, of id: String) throws(DataError) {
    guard case .table = entry.value else { throw entry.wrong("a table with name, summary, effect and returns") }
    try entry.allow(PrimitiveDeclaration.keys)
    let name = try entry.required("name", "the name after `\(id).`")
    self.name = try name.string("the name after `\(id).`")
    guard LuaWord.isName(self.name) else {
      throw name.wrong("a Lua name: letters, digits and _, not a keyword", hint: "it is called as \(id).NAME")
    }
    guard LuaWord.isName(id) else {
      throw entry.wrong(
        "a plugin whose id is a Lua name, so that \(id).\(self.name) can be called",
        hint: "rename the plugin, for example to \(id.replacing("-", with: "_"))"
      )
    }
    summary = try entry.required("summary", "what it does, in one line").string("what it does, in one line")
    let effects = Effect.allCases.map(\.rawValue)
    let effect = try entry.required("effect", "one of \(effects.joined(separator: ", "))")
    let text = try effect.string("one of \(effects.joined(separator: ", "))")
    guard let known = Effect(rawValue: text) else {
      throw effect.wrong(
        "one of \(effects.joined(separator: ", "))",
        hint: NearestName.question(for: text, in: effects)
      )
    }
    self.effect = known
    returns = try entry.required("returns", "what it answers, in one line").string("what it answers, in one line")
    topics = try entry.optional("topics")?.texts("words that help finds it by") ?? []
    examples = try PrimitiveDeclaration.examples(entry.optional("examples"), "\(id).\(self.name)")
    if let list = entry.optional("params") {
      let (params, problems) = RunbookParameter.declared(list.value, path: list.path)
      (self.params, problem) = (params, problems.first)
    } else {
      (params, problem) = ([], nil)
    }
  }

  private static func examples(_ field: DataField?, _ call: String) throws(DataError) -> [Example] {
    var examples: [Example] = []
    for entry in try field?.list("a list of examples") ?? [] {
      let expected = "the code and a note, for example { \"\(call){}\", \"the usual case\" }"
      guard case .array(let parts) = entry.value, parts.count == 2 else { throw entry.wrong(expected) }
      let fields = try entry.list(expected)
      guard case .string(let source) = fields[0].value, !source.isEmpty else { throw fields[0].wrong("Lua code") }
      guard isLua(source) else { throw fields[0].wrong("Lua code", hint: "try it at the prompt") }
      guard source.contains(call) else { throw fields[0].wrong("code that calls \(call)") }
      examples.append(Example(source, try fields[1].string("a note, in half a sentence")))
    }
    return examples
  }

  /// Whether a text is what can be typed at the prompt: statements or an expression.
  private static func isLua(_ code: String) -> Bool {
    ["return \(code)\n", "\(code)\n"].contains { text in
      guard let plain = try? CommandForm.rewrite(text, name: "=example") else { return false }
      return (try? LuaParser.parse(plain)) != nil
    }
  }
}
