import CLuaBridge
import LuaSyntax
package import PrimitiveKit
import Synchronization

/// Runs Lua on a thread of its own.
///
/// A run waits without holding the thread, so several runs interleave: a primitive may call back into a plugin's
/// functions while the script that called it waits.
package actor LuaEngine {
  private let executor = ThreadExecutor()
  let state: LuaState
  let dispatcher: Dispatcher
  let configuration: LuaConfiguration
  let released = ReleasedReferences()
  private nonisolated let active = ActiveRuns()

  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Opens the sandbox and binds the catalog; throws `lua.open` and `catalog.duplicate`.
  package init(catalog: Catalog, configuration: LuaConfiguration = LuaConfiguration()) throws(CallFailure) {
    state = try LuaState(memoryLimit: configuration.memoryLimit)
    dispatcher = Dispatcher(configuration)
    self.configuration = configuration
    opsh_lua_set_host(state.raw, Unmanaged.passUnretained(dispatcher).toOpaque(), Dispatcher.entry)
    try dispatcher.bind(catalog.primitives, in: state.raw)
  }

  /// Where the text of a run comes from.
  package enum Kind: Sendable {
    /// An entry at the prompt: the session's globals, an expression answers its values, locals survive.
    case prompt
    /// A file, standard input or `-e`: globals of its own.
    case script
  }

  /// Runs a chunk to its end and answers its results; what is no data among them becomes its text, such as `<thread>`.
  ///
  /// Of an entry at the prompt the expression that closes it is a result, too.
  /// `name` is Lua's chunk name: `@deploy.lua` for a file, `=prompt` for other text. `globals` are set before it starts.
  /// A run that traces may hold unknown values: what depends on one goes to `LuaConfiguration.inexact`, and a decision
  /// without a default throws `plan.inexact`. Throws what the script raised, `lua.syntax`, `lua.memory`, `call.cancelled` and `call.timeout`.
  @discardableResult
  package func run(
    _ source: String,
    name: String,
    kind: Kind,
    globals: [String: Value] = [:],
    tracing: Bool = false
  ) async throws(CallFailure) -> [Value] {
    var text = try CommandForm.rewrite(source, name: name)
    if kind == .prompt, let answered = ClosingExpression.answered(text, name: name) { text = answered }
    let run = try newRun(instructions: configuration.instructionLimit, reading: OPSH_LENIENT, tracing: tracing)
    let traced = tracing ? LuaTracing.instrument(text, isEntry: kind == .prompt) : text
    let kind = kind == .prompt ? OPSH_PROMPT : OPSH_SCRIPT
    do throws(CallFailure) {
      var reader = try await finish(run) { [traced] () throws(CallFailure) in
        try run.start(traced, name: name, kind: kind, globals: globals)
      }
      return reader.values()
    } catch {
      throw CommandForm.restore(error, source: source, rewritten: text)
    }
  }

  /// Evaluates a file that only describes, such as `site.lua`: no primitives, no modules, no waiting.
  ///
  /// A list that also carries named fields, `{ "root", type = "path" }`, reads as a table whose positions are `"1"`, …
  /// `instructionBudget` is rounded up to thousands. Throws `lua.syntax`, `lua.instructions`, `value.type` and what
  /// the file raised.
  package func evaluateData(_ source: String, name: String, instructionBudget: Int) throws(CallFailure) -> Value {
    let text = try CommandForm.rewrite(source, name: name)
    let run = try newRun(instructions: max(1, instructionBudget), reading: OPSH_DECLARED)
    active.insert(run.handle)
    defer { active.remove(run.handle) }
    guard try run.start(text, name: name, kind: OPSH_DATA) == OPSH_DONE else { throw run.failure }
    var reader = run.reader()
    return reader.value()
  }

  /// Runs a module, such as a plugin's `init.lua`, and answers the first value it returns.
  ///
  /// A list that also carries named fields, `{ "target", type = "hosts" }`, reads as a table whose positions are `"1"`, ….
  /// `instructionBudget` is rounded up to thousands; nil means the limit of the engine. A trusted module gets the table
  /// of the primitives that scripts do not see, those named `opsh_…`, as its argument. The decisions of a module that
  /// is loaded with `tracing` are traced in every call. Throws as `run` does, and `value.type` for what is neither data
  /// nor function.
  ///
  /// With an authority the module and its functions act with it, in its globals, and it may call nothing while it is
  /// loaded: throws `plugin.loading`, `plugin.time` when it takes more than a second of the processor, and `plugin.memory`.
  package func load(
    module source: String,
    name: String,
    authority: LuaAuthority? = nil,
    instructionBudget: Int? = nil,
    isTrusted: Bool = false,
    tracing: Bool = false
  ) async throws(CallFailure)
    -> LuaField
  {
    var text = try CommandForm.rewrite(source, name: name)
    if tracing { text = LuaTracing.instrument(text) }
    let budget = instructionBudget.map { max(1, $0) } ?? configuration.instructionLimit
    guard authority?.belongs(to: released) ?? true else {
      throw CallFailure(.invalid, code: "lua.reference", message: "the authority belongs to another Lua engine")
    }
    // What only describes itself needs no second.
    let limits = authority.map { RunLimits(LuaBudget(processor: .seconds(1)), of: $0) }
    let run = try newRun(instructions: budget, reading: OPSH_REFERENCES, tracing: tracing, limits: limits)
    if authority != nil { run.onlyLoads() }
    var reader = try await finish(run) { [text] () throws(CallFailure) in
      try run.start(text, name: name, kind: isTrusted ? OPSH_TRUSTED : OPSH_SCRIPT, authority: authority)
    }
    return reader.field { LuaFunctionReference(id: $0, authority: authority, released: released) }
  }

  /// Calls a function that a module returned; its results must be data.
  ///
  /// With `tracing` the library finds unknown values, and what the function loads is traced.
  /// Throws as `run` does, `lua.reference` for a function of another engine, and `plugin.time` and `plugin.memory` when
  /// a function of a plugin goes beyond `budget`, which is `LuaBudget()` unless another is given.
  @discardableResult
  package func call(
    _ reference: LuaFunctionReference,
    _ arguments: [Value],
    tracing: Bool = false,
    budget: LuaBudget? = nil
  ) async throws(CallFailure) -> [Value] {
    guard reference.belongs(to: released) else {
      throw CallFailure(.invalid, code: "lua.reference", message: "the function belongs to another Lua engine")
    }
    let budget = budget ?? LuaBudget()
    let run = try newRun(
      instructions: configuration.instructionLimit,
      reading: OPSH_STRICT,
      tracing: tracing,
      limits: reference.authority.map { RunLimits(budget, of: $0) }
    )
    var reader = try await finish(run) { () throws(CallFailure) in try run.start(reference, arguments) }
    return reader.values()
  }

  /// Stops every run: Lua code at its next instruction, a waiting primitive through its task.
  ///
  /// Callable from any thread, but not from a signal handler: it takes a lock.
  package nonisolated func cancel() { active.cancel() }

  /// How long each plugin has kept the thread so far; the operator's code has no name.
  package nonisolated var kept: [String: Duration] { active.kept }

  /// Binds more primitives, for example those of a plugin.
  ///
  /// Throws `catalog.duplicate` for a name that is taken; those before it stay bound.
  package func register(_ primitives: [Primitive]) throws(CallFailure) {
    try dispatcher.bind(primitives, in: state.raw)
  }

  /// Puts primitives in the place of those of their names, wherever Lua holds them, and binds those that are new.
  ///
  /// Throws `catalog.duplicate` for a name that is taken by something else.
  package func replace(_ primitives: [Primitive]) throws(CallFailure) {
    try register(primitives.filter { !dispatcher.replace($0) })
  }

  /// The names reachable under a path such as `["fleet"]`, for completion; reads raw and never runs a metamethod.
  package func names(under path: [String]) -> [String] {
    var reader = LuaReader(LuaState.names(state.raw, under: path))
    let names = reader.values().compactMap { if case .string(let name) = $0 { name } else { nil } }
    return Set(names).sorted()
  }

  /// Bytes that Lua holds now.
  package var memory: Int { opsh_lua_memory(state.raw) }

  /// Lets every allocation fail after `count` more, or none when nil; for tests of what a lack of memory does.
  package func failAllocations(after count: Int?) { opsh_lua_fail_after(state.raw, Int64(count ?? -1)) }

  /// Opens an authority: code that is loaded with it has globals, library and primitives of its own.
  ///
  /// `permit` is asked before each call that such code makes, and raises what refuses it. `modules` are the folders that
  /// its `require` looks in, in order; modules are kept for it alone. Relative paths that its code names start in
  /// `folder`, which is absolute. `admit` gets path and bytes of each module, and throws where they may not run. Throws
  /// `lua.memory`.
  package func authority(
    named name: String,
    permit: @escaping LuaAuthority.Permit,
    modules: [String],
    admit: @escaping LuaAuthority.Admission = { _, _ in },
    folder: String? = nil
  ) throws(CallFailure) -> LuaAuthority {
    releaseAll()
    let number = dispatcher.authorities.newNumber()
    guard opsh_lua_open_authority(state.raw, number) else { throw .outOfMemory }
    let files = ModuleFiles(roots: modules, isConfined: true, admit: admit)
    let authority = LuaAuthority(
      name: name,
      number: number,
      permit: permit,
      modules: files,
      folder: folder,
      released: released
    )
    dispatcher.authorities.add(authority)
    return authority
  }

  private func releaseAll() {
    let numbers = released.take()
    for id in numbers.functions { opsh_lua_release(state.raw, id) }
    for number in numbers.authorities {
      opsh_lua_close_authority(state.raw, number)
      dispatcher.authorities.remove(number)
    }
  }

  private func newRun(
    instructions: Int?,
    reading: opsh_reading,
    tracing: Bool = false,
    limits: RunLimits? = nil
  ) throws(CallFailure) -> LuaRun {
    releaseAll()
    // A run inside of another sees the modules that the other sees.
    if active.isEmpty { dispatcher.beginRun() }
    return try LuaRun(state, instructions: instructions, reading: reading, tracing: tracing, limits: limits)
  }

  private func finish(_ run: LuaRun, _ start: () throws(CallFailure) -> opsh_status) async throws(CallFailure)
    -> LuaReader
  {
    let handle = run.handle
    active.insert(handle)
    let timer = configuration.timeLimit.map { limit in
      // Off the Lua thread, which the script may be keeping busy.
      Task { @concurrent in
        guard (try? await Task.sleep(for: limit)) != nil else { return }
        // Waking needs the state, which lives as long as this actor.
        withExtendedLifetime(self) { handle.request(OPSH_OUT_OF_TIME) }
      }
    }
    defer {
      timer?.cancel()
      active.remove(handle)
      handle.charge()
    }
    let outcome = await RunHandle.$current.withValue(handle) {
      await CallStop.$current.withValue(CallStop { handle.isStopped }) {
        await withTaskCancellationHandler {
          do throws(CallFailure) {
            var status = try active.keeping(handle, start)
            while status == OPSH_WAITING, let call = dispatcher.takePending() {
              let answer = await handle.perform(call)
              status = try active.keeping(handle) { () throws(CallFailure) in try run.resume(answer) }
            }
            return Result<opsh_status, CallFailure>.success(status)
          } catch {
            return .failure(error)
          }
        } onCancel: {
          handle.request(OPSH_CANCELLED)
        }
      }
    }
    guard try outcome.get() == OPSH_DONE else { throw handle.explain(run.failure) }
    return run.reader()
  }
}
