/// The arguments of one call, bound to the declared names.
///
/// A call gives them by name in one table, in declared order, or in order with a trailing table of the rest.
struct Arguments {
  private var bound: [String: Value] = [:]

  subscript(name: String) -> Value { bound[name] ?? .null }

  init(_ values: [Value], for info: PrimitiveInfo) throws(CallFailure) {
    let parameters = info.parameters
    var positional = values[...]
    if let last = values.last, case .table(let fields) = last,
      Arguments.isNamed(fields, at: values.count - 1, parameters)
    {
      positional = values.dropLast()
      try bind(fields, info)
    }
    guard positional.count <= parameters.count else {
      throw CallFailure(
        .invalid,
        code: "call.argument",
        message: "\(info.name): too many arguments: expected at most \(parameters.count), got \(positional.count)",
        hint: "usage: \(info.signature)"
      )
    }
    for (parameter, value) in zip(parameters, positional) where value != .null {
      guard bound[parameter.name] == nil else {
        throw CallFailure(.invalid, code: "call.argument", message: "\(info.name): '\(parameter.name)' is given twice")
      }
      bound[parameter.name] = value
    }
  }

  /// What was given, by name; throws `call.argument` for what is missing.
  func complete(for info: PrimitiveInfo) throws(CallFailure) -> [String: Value] {
    for parameter in info.parameters where parameter.isRequired && self[parameter.name] == .null {
      throw CallFailure(
        .invalid,
        code: "call.argument",
        message: "\(info.name): '\(parameter.name)' is missing: \(parameter.help)"
      )
    }
    return bound.filter { $0.value != .null }.mapValues(\.plain)
  }

  private mutating func bind(_ fields: [String: Value], _ info: PrimitiveInfo) throws(CallFailure) {
    let names = info.parameters.map(\.name)
    for name in fields.keys.sorted() where !names.contains(name) {
      throw CallFailure(
        .invalid,
        code: "call.argument",
        message: "\(info.name): no argument named '\(name)'",
        hint: NearestName.question(for: name, in: names) ?? "its arguments: \(names.joined(separator: ", "))"
      )
    }
    bound = fields
  }

  // A table is the call by name unless it stands where a table is expected and shares no key with the declaration.
  private static func isNamed(_ fields: [String: Value], at position: Int, _ parameters: [ParameterInfo]) -> Bool {
    guard position < parameters.count else { return true }
    if parameters[position].isWhole == true { return false }
    guard parameters[position].type.contains("table") || parameters[position].type == "any" else { return true }
    // `print_all({})` prints a table; an empty table names no parameters.
    if fields.isEmpty { return position == 0 && parameters[position].type != "any" }
    return fields.keys.contains { name in parameters.contains { $0.name == name } }
  }
}
