import CLuaBridge
import LuaSyntax
import PrimitiveKit

/// Answers the calls that Lua makes.
///
/// Lives on the thread of its engine. Nothing in it may throw into C, and C raises only after it returned.
final class Dispatcher {
  private var primitives: [Primitive] = []
  private let configuration: LuaConfiguration
  private var pending: PendingCall?
  private var modules: LoadedModules
  var authorities = LuaAuthorities()

  init(_ configuration: LuaConfiguration) {
    self.configuration = configuration
    modules = LoadedModules(roots: configuration.moduleRoots)
  }

  /// A run begins that no other is inside of: what was changed on the disk since counts from now on.
  func beginRun() { modules.look() }

  /// Adds a primitive and answers its id.
  func add(_ primitive: Primitive) -> Int32 {
    primitives.append(primitive)
    return Int32(primitives.count - 1)
  }

  /// Forgets the primitive that was added last.
  func removeLast() { primitives.removeLast() }

  /// Puts a primitive in the place of the one of its name; false if no primitive of that name is called the same way.
  func replace(_ primitive: Primitive) -> Bool {
    guard let index = primitives.firstIndex(where: { $0.info.name == primitive.info.name }),
      primitives[index].isBound(as: primitive)
    else { return false }
    primitives[index] = primitive
    return true
  }

  /// The awaiting call that made the run wait.
  func takePending() -> PendingCall? {
    defer { pending = nil }
    return pending
  }

  /// The function that the bridge calls; `host` is an unretained dispatcher.
  static let entry: opsh_dispatch = { host, function, authority, arguments, results in
    guard let host, let arguments, let results else { return OPSH_ERROR }
    let dispatcher = Unmanaged<Dispatcher>.fromOpaque(host).takeUnretainedValue()
    return dispatcher.answer(function, authority, arguments, results)
  }

  private func answer(
    _ function: Int32,
    _ authority: Int32,
    _ arguments: OpaquePointer,
    _ results: OpaquePointer
  ) -> opsh_answer {
    let witness = configuration.frameWitness?()
    defer { withExtendedLifetime(witness) {} }
    do throws(CallFailure) {
      var reader = LuaReader(arguments)
      guard let value = try call(function, authority, reader.values()) else { return OPSH_PENDING }
      try LuaValues.add(value, to: results)
      return OPSH_OK
    } catch {
      opsh_values_reset(results)
      LuaValues.add(error, to: results)
      return OPSH_ERROR
    }
  }

  /// The answer, or nil when it comes later.
  private func call(_ function: Int32, _ authority: Int32, _ arguments: [Value]) throws(CallFailure) -> Value? {
    guard function >= 0 else { return try serve(function, arguments) }
    let primitive = primitives[Int(function)]
    let holder = authority == 0 ? nil : try authorities.holder(authority)
    try holder?.permit(primitive.info, arguments)
    var context = CallContext.current
    try context.permit(primitive.info, arguments)
    let isOther = context.plugin != holder?.name
    context.act(for: holder)
    switch primitive.body {
    case .immediate(let body):
      guard isOther else { return try body(arguments) }
      let answer: Result<Value, CallFailure> = CallContext.$current.withValue(context) {
        do throws(CallFailure) {
          return .success(try body(arguments))
        } catch {
          return .failure(error)
        }
      }
      return try answer.get()
    case .awaiting(let body):
      pending = PendingCall(
        primitive: primitive.info.name,
        body: body,
        arguments: arguments,
        authority: holder
      )
      return nil
    case .constant(let value):
      return value
    case .prelude:
      return .null
    }
  }

  private func serve(_ service: Int32, _ arguments: [Value]) throws(CallFailure) -> Value {
    switch (service, arguments.first) {
    case (Int32(OPSH_PRINT.rawValue), .string(let text)):
      configuration.print(.text(text))
      return .null
    case (Int32(OPSH_PRINT.rawValue), .bytes(let bytes)):
      configuration.print(.bytes(bytes))
      return .null
    case (Int32(OPSH_NEAREST.rawValue), .string(let name)):
      guard case .array(let candidates)? = arguments.last else { return .null }
      let names = candidates.compactMap { if case .string(let name) = $0 { name } else { nil } }
      return NearestName.question(for: name, in: names).map(Value.string) ?? .null
    case (Int32(OPSH_MODULE.rawValue), .string(let name)):
      guard arguments.count > 2, case .int(let number) = arguments[2] else { return .null }
      let isTracing = arguments[1] == .bool(true)
      guard number != 0 else { return try modules.find(name, isTracing: isTracing) }
      return try authorities.holder(Int32(number)).modules.find(name, isTracing: isTracing)
    case (Int32(OPSH_EDITION.rawValue), _):
      return .int(modules.edition)
    case (Int32(OPSH_TRACE.rawValue), .string(let source)):
      return .string(LuaTracing.instrument(source))
    case (Int32(OPSH_TRACE.rawValue), .bytes(let source)):
      return .bytes(LuaTracing.instrument(source))
    case (Int32(OPSH_INEXACT.rawValue), .string(let place)):
      guard arguments.count > 1, case .string(let what) = arguments[1] else { return .null }
      configuration.inexact(InexactPoint(place: place, what: what, assumed: arguments.count > 2 ? arguments[2] : nil))
      return .null
    default:
      return .null
    }
  }
}

extension Primitive {
  /// Whether what Lua holds for this one serves for another.
  fileprivate func isBound(as other: Primitive) -> Bool {
    switch (body, other.body) {
    case (.immediate, .immediate), (.awaiting, .awaiting): true
    case (.constant(let value), .constant(let other)): value == other
    default: false
    }
  }
}
