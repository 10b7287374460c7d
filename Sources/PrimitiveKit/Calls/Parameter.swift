/// Where completion takes candidates for an argument from.
package enum Completion: Sendable, Codable, Equatable {
  case none
  case hosts
  case bots
  case selectors
  case images
  case files
  case runbooks
  /// Names of a kind that a domain offers.
  case named(String)
  case choices([String])
}

/// One declared parameter of a primitive.
///
/// Its position in the declaration is its position in a call by order; its name is the key in a call by name.
package struct Parameter<Wrapped: ValueConvertible>: Sendable {
  package private(set) var info: ParameterInfo
  let fallback: Wrapped?

  /// Declares a required argument.
  package init(_ name: String, _ help: String, completion: Completion? = nil) {
    self.init(name: name, help: help, fallback: nil, completion: completion)
  }

  /// Declares an argument that may be left out.
  package init(_ name: String, default fallback: Wrapped, _ help: String, completion: Completion? = nil) {
    self.init(name: name, help: help, fallback: fallback, completion: completion)
  }

  private init(name: String, help: String, fallback: Wrapped?, completion: Completion?) {
    self.fallback = fallback
    self.info = ParameterInfo(
      name: name,
      type: Wrapped.luaType,
      help: help,
      isRequired: fallback == nil,
      defaultValue: fallback.flatMap { $0.value == .null ? nil : $0.value.literal },
      completion: completion ?? Wrapped.completion
    )
  }

  /// The same parameter, for which a table is always the value and never the call by name: of tables with any fields.
  package var whole: Parameter {
    var parameter = self
    parameter.info.isWhole = true
    return parameter
  }

  func decode(_ arguments: Arguments, of primitive: String) throws(CallFailure) -> Wrapped {
    let given = arguments[info.name]
    let raw = Wrapped.tellsSets ? given : given.plain
    if raw == .null {
      if let fallback { return fallback }
      throw CallFailure(missing: info, of: primitive)
    }
    do {
      return try Wrapped(raw)
    } catch {
      throw CallFailure(raw, given: info, of: primitive, error)
    }
  }
}

/// What tools need to know about a parameter: plain data, dumped by the catalog.
package struct ParameterInfo: Sendable, Codable, Equatable {
  package let name: String
  /// The LuaLS annotation.
  package let type: String
  package let help: String
  package let isRequired: Bool
  /// The default as Lua source; nil without one.
  package let defaultValue: String?
  package let completion: Completion
  /// True where a table is always the argument itself, whatever its fields are called; else nil.
  package var isWhole: Bool?

  package init(
    name: String,
    type: String,
    help: String,
    isRequired: Bool,
    defaultValue: String?,
    completion: Completion
  ) {
    self.name = name
    self.type = type
    self.help = help
    self.isRequired = isRequired
    self.defaultValue = defaultValue
    self.completion = completion
  }
}
