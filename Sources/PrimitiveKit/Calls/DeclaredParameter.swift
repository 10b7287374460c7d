/// A parameter that is declared as data, in the manifest of a plugin, instead of by a Swift type.
package struct DeclaredParameter: Sendable {
  package let info: ParameterInfo
  /// The default; nil without one.
  let fallback: Value?
  /// The value in the form that the body gets.
  let convert: @Sendable (Value) throws(ConversionError) -> Value

  package init(
    _ info: ParameterInfo,
    fallback: Value?,
    convert: @escaping @Sendable (Value) throws(ConversionError) -> Value
  ) {
    self.info = info
    self.fallback = fallback
    self.convert = convert
  }

  func decode(_ arguments: Arguments, of primitive: String) throws(CallFailure) -> Value? {
    let raw = arguments[info.name].plain
    guard raw != .null else {
      guard fallback == nil, info.isRequired else { return fallback }
      throw CallFailure(missing: info, of: primitive)
    }
    do {
      return try convert(raw)
    } catch {
      throw CallFailure(raw, given: info, of: primitive, error)
    }
  }
}

extension Primitive {
  /// Declares a primitive that waits, as data declares it; the body gets the arguments by name, defaults included.
  package init(
    declared name: String,
    _ summary: String,
    effect: Effect,
    _ parameters: [DeclaredParameter],
    returns: String,
    examples: [Example],
    topics: [String],
    body: @escaping @concurrent @Sendable ([String: Value]) async throws(CallFailure) -> Value
  ) {
    let info = PrimitiveInfo(
      name: name,
      summary: summary,
      effect: effect,
      isImmediate: false,
      parameters: parameters.map(\.info),
      returns: ReturnInfo(type: "any", help: returns),
      examples: examples,
      topics: topics
    )
    self.init(info: info) { @concurrent (values: [Value]) async throws(CallFailure) -> Value in
      let arguments = try Arguments(values, for: info)
      var given: [String: Value] = [:]
      for parameter in parameters { given[parameter.info.name] = try parameter.decode(arguments, of: name) }
      return try await body(given)
    }
  }
}

extension CallFailure {
  /// A required argument was not given.
  init(missing parameter: ParameterInfo, of primitive: String) {
    self.init(
      .invalid,
      code: "call.argument",
      message: "\(primitive): '\(parameter.name)' is missing: \(parameter.help)",
      hint: "`help(\(primitive))` shows its arguments"
    )
  }

  /// An argument is not what it should be.
  init(_ value: Value, given parameter: ParameterInfo, of primitive: String, _ error: ConversionError) {
    if let unknown = value.firstUnknown {
      self = unknown.failure("\(primitive): '\(parameter.name)'")
      return
    }
    self.init(
      .invalid,
      code: "call.argument",
      message: "\(primitive): '\(parameter.name)' should be \(error.expected), got \(error.found)",
      hint: error.hint ?? parameter.help
    )
  }
}
