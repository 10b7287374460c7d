import CLuaBridge
import PrimitiveKit

/// One chunk or function that runs in its own coroutine.
///
/// Created, used and destroyed on the thread of its engine.
final class LuaRun {
  private let raw: OpaquePointer
  let handle: RunHandle

  init(
    _ state: borrowing LuaState,
    instructions: Int?,
    reading: opsh_reading,
    tracing: Bool = false,
    limits: RunLimits? = nil
  ) throws(CallFailure) {
    handle = try RunHandle(state.waker, limits)
    let instructions = limits?.budget.instructions ?? instructions
    guard let raw = opsh_run_new(state.raw, handle.stop, Int64(instructions ?? 0), reading, tracing) else {
      throw .outOfMemory
    }
    if let limits { opsh_run_budget(raw, limits.budget.memory ?? 0) }
    self.raw = raw
  }

  deinit { opsh_run_free(raw) }

  /// Whatever the run calls stops it.
  func onlyLoads() { opsh_run_only_loads(raw) }

  func start(
    _ source: String,
    name: String,
    kind: opsh_kind,
    authority: LuaAuthority? = nil,
    globals: [String: Value] = [:]
  ) throws(CallFailure) -> opsh_status {
    let values = try LuaValues([.table(globals)])
    var source = source
    return values.lend { globals in
      source.withUTF8 { text in
        name.withCString { name in
          text.withMemoryRebound(to: CChar.self) { text in
            var source = opsh_source(
              kind: kind,
              bytes: text.baseAddress,
              length: text.count,
              name: name,
              authority: authority?.number ?? 0,
              globals: globals
            )
            return opsh_run_source(raw, &source)
          }
        }
      }
    }
  }

  func start(_ reference: LuaFunctionReference, _ arguments: [Value]) throws(CallFailure) -> opsh_status {
    try LuaValues(arguments).lend { opsh_run_function(raw, reference.id, reference.authority?.number ?? 0, $0) }
  }

  func resume(_ answer: Result<Value, CallFailure>) throws(CallFailure) -> opsh_status {
    switch answer {
    case .success(let value):
      let values: LuaValues
      do throws(CallFailure) {
        values = try LuaValues([value])
      } catch {
        return try resume(.failure(error))
      }
      return values.lend { opsh_run_resume(raw, true, $0) }
    case .failure(let failure):
      return try LuaValues().lend {
        LuaValues.add(failure, to: $0)
        return opsh_run_resume(raw, false, $0)
      }
    }
  }

  /// Reads what the run left, results or failure.
  func reader() -> LuaReader { LuaReader(opsh_run_results(raw), of: self) }

  /// The failure of a run that failed.
  var failure: CallFailure {
    var reader = reader()
    let raised = reader.value()
    var failure = CallFailure(raised: raised)
    // What names no class was raised by the code itself, not by a primitive that it called.
    if handle.isOfPlugin, failure.mark == nil, raised["class"] == .null, !isMeant(raised) { failure.mark = .faulty }
    return handle.explain(failure, stoppedBy: opsh_run_stopped(raw))
  }

  /// Whether the plugin raised it on purpose: under its own name, such as `desk.closed` of plugin desk.
  private func isMeant(_ raised: Value) -> Bool {
    guard case .string(let name) = raised["code"], let plugin = handle.plugin else { return false }
    return name.split(separator: ".").first.map(String.init) == plugin
  }
}
