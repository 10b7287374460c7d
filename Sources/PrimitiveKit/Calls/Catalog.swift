/// What tools need to know about a primitive: plain data, dumped as JSON by `opsh --catalog`.
package struct PrimitiveInfo: Sendable, Codable, Equatable {
  package let name: String
  package let summary: String
  package let effect: Effect
  /// Whether it answers at once and so may be called where Lua cannot wait.
  package let isImmediate: Bool
  package let parameters: [ParameterInfo]
  package internal(set) var returns: ReturnInfo
  package let examples: [Example]
  /// Further words that `help "word"` finds it by.
  package let topics: [String]
  /// What it is listed with: the domain or the plugin that it comes from.
  package var family: String
  /// The errors of its own that it may raise.
  package internal(set) var errors: [ErrorInfo] = []
  /// The name of the argument that, when it is true, makes this call one that only reads.
  package var readsWhen: String?
  /// The text that `readsWhen` must be, where it is not true or false.
  package var readsValue: String?
  /// True for the name of a value; else nil.
  package let isConstant: Bool?

  init(
    name: String,
    summary: String,
    effect: Effect,
    isImmediate: Bool,
    parameters: [ParameterInfo],
    returns: ReturnInfo,
    examples: [Example],
    topics: [String],
    readsWhen: String? = nil,
    isConstant: Bool? = nil
  ) {
    self.name = name
    self.summary = summary
    self.effect = effect
    self.isImmediate = isImmediate
    self.parameters = parameters
    self.returns = returns
    self.examples = examples
    self.topics = topics
    self.readsWhen = readsWhen
    self.isConstant = isConstant
    family = String(name.prefix { $0 != "." })
  }

  /// Something that is called like a primitive and is none: a runbook, for completion.
  package init(name: String, summary: String, parameters: [ParameterInfo]) {
    self.init(
      name: name,
      summary: summary,
      effect: .changes,
      isImmediate: false,
      parameters: parameters,
      returns: ReturnInfo(type: "any", help: "", fields: []),
      examples: [],
      topics: []
    )
  }

  /// What a call with these arguments may do.
  package func effect(of values: [Value]) -> Effect {
    guard let readsWhen, let arguments = try? Arguments(values, for: self) else { return effect }
    return arguments[readsWhen] == (readsValue.map { .string($0) } ?? .bool(true)) ? .reads : effect
  }

  /// The call in one line, optional arguments in brackets; of a value its name.
  package var signature: String {
    if isConstant == true { return name }
    let names = parameters.map { $0.isRequired ? $0.name : "[\($0.name)]" }
    // What takes a function takes everything by name.
    guard !parameters.contains(where: { $0.type.hasPrefix("fun(") }) else {
      return "\(name){\(names.joined(separator: ", "))}"
    }
    return "\(name)(\(names.joined(separator: ", ")))"
  }

  /// Whether only opsh's own Lua code sees it.
  package var isInternal: Bool { name.hasPrefix("opsh_") }
}

/// What a primitive answers.
package struct ReturnInfo: Sendable, Codable, Equatable {
  /// The LuaLS annotation.
  package let type: String
  package let help: String
  /// Lists the fields when they are asked for: to describe every record costs a tenth of a start.
  private let list: @Sendable () -> [FieldInfo]

  /// The fields of the record, in the order a table prints them; empty when it is no record.
  package var fields: [FieldInfo] { list() }

  package init(type: String, help: String, fields: @autoclosure @escaping @Sendable () -> [FieldInfo] = []) {
    self.type = type
    self.help = help
    list = fields
  }

  private enum CodingKeys: CodingKey { case type, help, fields }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let fields = try values.decode([FieldInfo].self, forKey: .fields)
    self.init(
      type: try values.decode(String.self, forKey: .type),
      help: try values.decode(String.self, forKey: .help),
      fields: fields
    )
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(type, forKey: .type)
    try values.encode(help, forKey: .help)
    try values.encode(fields, forKey: .fields)
  }

  package static func == (one: ReturnInfo, other: ReturnInfo) -> Bool {
    one.type == other.type && one.help == other.help && one.fields == other.fields
  }
}

/// One field of a record that a primitive answers.
package struct FieldInfo: Sendable, Codable, Equatable {
  package let name: String
  package let type: String
  package let help: String
  /// The fields of the records in it, in printing order; nil when it holds none.
  package let fields: [FieldInfo]?
  /// True for a point in time, which terminals show in local time; else nil.
  package let isTime: Bool?

  package init(_ name: String, _ type: String, _ help: String, fields: [FieldInfo] = [], isTime: Bool = false) {
    self.isTime = isTime ? true : nil
    self.name = name
    self.type = type
    self.help = help
    self.fields = fields.isEmpty ? nil : fields
  }
}

/// An error that a primitive may raise.
package struct ErrorInfo: Sendable, Codable, Equatable {
  /// The code, for example `run.not_found`.
  package let code: String
  /// When it is raised, in half a sentence.
  package let help: String

  package init(_ code: String, _ help: String) {
    self.code = code
    self.help = help
  }
}

/// A call that help shows and a test runs against the example fleet.
package struct Example: Sendable, Codable, Equatable {
  /// Lua source, as typed at the prompt.
  package let code: String
  /// What it does, in half a sentence.
  package let note: String

  package init(_ code: String, _ note: String) {
    self.code = code
    self.note = note
  }
}

/// The primitives of one process, in name order.
package struct Catalog: Sendable {
  package private(set) var primitives: [Primitive] = []

  package init() {}

  /// Throws `catalog.duplicate` when two primitives share a name.
  package init(_ primitives: [Primitive]) throws(CallFailure) { try add(primitives) }

  /// Adds primitives, for example those of a plugin.
  ///
  /// Throws `catalog.duplicate` and adds nothing when a name is taken.
  package mutating func add(_ added: [Primitive]) throws(CallFailure) {
    var names = Set(primitives.map(\.info.name))
    for primitive in added where !names.insert(primitive.info.name).inserted {
      throw CallFailure(
        .invalid,
        code: "catalog.duplicate",
        message: "two primitives are named '\(primitive.info.name)'",
        hint: "a plugin's primitives must be named under its id"
      )
    }
    primitives = (primitives + added).sorted { $0.info.name < $1.info.name }
  }

  package subscript(name: String) -> Primitive? { primitives.first { $0.info.name == name } }

  /// What help, completion and `--catalog` show: everything but opsh's internal primitives.
  package var infos: [PrimitiveInfo] { primitives.map(\.info).filter { !$0.isInternal } }
}
