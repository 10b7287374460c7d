/// A function Lua can call, declared once.
///
/// The declaration is the only source of the Lua binding, argument checks, effect gate, `help`, completion and the JSON
/// catalog (DESIGN section 4).
package struct Primitive: Sendable {
  package internal(set) var info: PrimitiveInfo
  package let body: Body
  /// What the code of a plugin needs to call it.
  package var access = PluginAccess.operators

  /// How Lua gets the result.
  package enum Body: Sendable {
    /// A pure look-up that answers at once, callable from everywhere, even a sort comparator.
    case immediate(@Sendable ([Value]) throws(CallFailure) -> Value)
    /// Waits without holding the Lua thread; the calling coroutine yields.
    case awaiting(@concurrent @Sendable ([Value]) async throws(CallFailure) -> Value)
    /// Not a function: the name of a value.
    case constant(Value)
    /// A function of the Lua prelude, which needs what no primitive can be given, such as a function to call.
    case prelude
  }

  /// Declares a primitive that waits.
  package init<each Input: ValueConvertible, Output: ValueConvertible, Failure: Error>(
    _ name: String,
    _ summary: String,
    effect: Effect,
    _ parameters: repeat Parameter<each Input>,
    returns: String,
    examples: [Example],
    topics: [String] = [],
    body: @escaping @concurrent @Sendable (repeat each Input) async throws(Failure) -> Output
  ) {
    var described: [ParameterInfo] = []
    for parameter in repeat each parameters { described.append(parameter.info) }
    let info = PrimitiveInfo(
      name: name,
      summary: summary,
      effect: effect,
      isImmediate: false,
      parameters: described,
      returns: ReturnInfo(type: Output.luaType, help: returns, fields: Output.fields),
      examples: examples,
      topics: topics
    )
    self.info = info
    self.body = .awaiting { @concurrent (values: [Value]) async throws(CallFailure) -> Value in
      let arguments = try Arguments(values, for: info)
      let decoded = (repeat try (each parameters).decode(arguments, of: name))
      do throws(Failure) {
        return try await body(repeat each decoded).value
      } catch {
        throw CallFailure(anyError: error)
      }
    }
  }

  /// Declares a primitive that answers at once.
  package init<each Input: ValueConvertible, Output: ValueConvertible, Failure: Error>(
    immediate name: String,
    _ summary: String,
    _ parameters: repeat Parameter<each Input>,
    returns: String,
    examples: [Example],
    topics: [String] = [],
    body: @escaping @Sendable (repeat each Input) throws(Failure) -> Output
  ) {
    var described: [ParameterInfo] = []
    for parameter in repeat each parameters { described.append(parameter.info) }
    let info = PrimitiveInfo(
      name: name,
      summary: summary,
      effect: .reads,
      isImmediate: true,
      parameters: described,
      returns: ReturnInfo(type: Output.luaType, help: returns, fields: Output.fields),
      examples: examples,
      topics: topics
    )
    self.info = info
    self.body = .immediate { (values: [Value]) throws(CallFailure) -> Value in
      let arguments = try Arguments(values, for: info)
      let decoded = (repeat try (each parameters).decode(arguments, of: name))
      do throws(Failure) {
        return try body(repeat each decoded).value
      } catch {
        throw CallFailure(anyError: error)
      }
    }
  }

  /// Declares a value that scripts know by a name.
  package init(constant name: String, _ summary: String, _ value: Value, examples: [Example], topics: [String] = []) {
    info = PrimitiveInfo(
      name: name,
      summary: summary,
      effect: .reads,
      isImmediate: true,
      parameters: [],
      returns: ReturnInfo(type: value.typeName, help: "the value itself: it is not called"),
      examples: examples,
      topics: topics,
      isConstant: true
    )
    body = .constant(value)
  }

  /// Describes a function that the Lua prelude defines.
  ///
  /// It calls internal primitives, which check its arguments.
  package init(
    prelude name: String,
    _ summary: String,
    _ parameters: [ParameterInfo],
    returns: ReturnInfo,
    examples: [Example],
    topics: [String] = []
  ) {
    info = PrimitiveInfo(
      name: name,
      summary: summary,
      effect: .reads,
      isImmediate: false,
      parameters: parameters,
      returns: returns,
      examples: examples,
      topics: topics
    )
    body = .prelude
  }

  /// The same primitive, whose calls only read when this argument is true, or has another value.
  package func reading(when argument: String, is value: String? = nil) -> Primitive {
    var primitive = self
    primitive.info.readsWhen = argument
    primitive.info.readsValue = value
    return primitive
  }

  /// The same primitive, listed with others of this family.
  package func of(family: String) -> Primitive {
    var primitive = self
    primitive.info.family = family
    return primitive
  }

  /// The same declaration with another body, which gets the arguments that were given, by name: for pretend worlds.
  ///
  /// Names are checked as ever, and that nothing is missing; types are not.
  package func answering(
    _ body: @escaping @concurrent @Sendable ([String: Value]) async throws(CallFailure) -> Value
  ) -> Primitive {
    Primitive(info: info) { @concurrent [info] (values: [Value]) async throws(CallFailure) -> Value in
      try await body(try Arguments(values, for: info).complete(for: info))
    }
  }

  /// The same primitive, whose answers get further fields from `complete`; one that answers at once stays as it is.
  func answering(
    with fields: [FieldInfo],
    _ complete: @escaping @concurrent @Sendable (Value) async -> Value
  ) -> Primitive {
    guard case .awaiting(let base) = body else { return self }
    var info = info
    let returns = info.returns
    info.returns = ReturnInfo(type: returns.type, help: returns.help, fields: returns.fields + fields)
    return Primitive(info: info) { @concurrent (values: [Value]) async throws(CallFailure) -> Value in
      await complete(try await base(values))
    }
  }

  init(
    info: PrimitiveInfo,
    _ body: @escaping @concurrent @Sendable ([Value]) async throws(CallFailure) -> Value
  ) {
    self.info = info
    self.body = .awaiting(body)
  }

  /// Calls the primitive as Lua would: effect gate, argument checks, body.
  ///
  /// Throws `call.effect`, `call.argument` and what the body throws.
  package func call(_ values: [Value]) async throws(CallFailure) -> Value {
    try CallContext.current.permit(info, values)
    switch body {
    case .immediate(let body): return try body(values)
    case .awaiting(let body): return try await body(values)
    case .constant(let value): return value
    case .prelude:
      throw CallFailure(.defect, code: "internal.error", message: "\(info.name) can be called from Lua only")
    }
  }
}
