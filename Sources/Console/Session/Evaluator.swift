import Foundations
package import LuaRuntime
package import PrimitiveKit

/// Runs Lua for a session: shows what comes of it and lets Ctrl-C stop it.
package struct Evaluator: Sendable {
  private let engine: LuaEngine
  private let surface: any Surface
  private let watch: InterruptWatch
  private let context: CallContext
  private let gently: @Sendable () -> Bool
  private let leave: @Sendable () -> Void

  /// Takes what leaves the process at once when the operator insists.
  ///
  /// `gently` may take the first Ctrl-C: it answers whether the work stops by itself, without being cancelled.
  package init(
    engine: LuaEngine,
    surface: any Surface,
    watch: InterruptWatch,
    context: CallContext,
    gently: @escaping @Sendable () -> Bool = { false },
    leave: @escaping @Sendable () -> Void
  ) {
    self.engine = engine
    self.surface = surface
    self.watch = watch
    self.context = context
    self.gently = gently
    self.leave = leave
  }

  /// Runs a chunk to its end; whatever happens, the live line is gone afterwards.
  package func run(_ chunk: Chunk) async -> Result<[Value], CallFailure> {
    // Cancelling reaches only what has begun.
    if watch.isDeserted { return .failure(.cancelled) }
    let result = await watch.during({ step($0) }) { await evaluate(chunk) }
    surface.dialogue.progress(nil)
    return result
  }

  /// Runs work of opsh's own as a chunk runs: Ctrl-C stops it, and the live line is gone afterwards.
  package func run(
    _ work: @escaping @Sendable () async throws(CallFailure) -> [Value]
  ) async -> Result<[Value], CallFailure> {
    let context = context
    let task = Task {
      await CallContext.$current.withValue(context) {
        do throws(CallFailure) {
          return Result<[Value], CallFailure>.success(try await work())
        } catch {
          return .failure(error)
        }
      }
    }
    let result = await watch.during({ step($0, cancelling: { task.cancel() }) }) { await task.value }
    surface.dialogue.progress(nil)
    return result
  }

  /// Whether a text could run as it stands, or with more lines.
  func completeness(of text: String) -> Completeness { engine.completeness(of: text) }

  private func evaluate(_ chunk: Chunk) async -> Result<[Value], CallFailure> {
    var context = context
    if chunk.name.hasPrefix("@") { context.folder = ScriptFolder.of(String(chunk.name.dropFirst())) }
    return await CallContext.$current.withValue(context) { [context] in
      do throws(CallFailure) {
        let kind: LuaEngine.Kind = chunk.kind == .typed ? .prompt : .script
        return .success(
          try await engine.run(
            chunk.source,
            name: chunk.name,
            kind: kind,
            globals: chunk.globals,
            tracing: context.isDryRun
          )
        )
      } catch {
        return .failure(error)
      }
    }
  }

  private func step(_ step: InterruptLadder.Step, cancelling cancel: () -> Void = {}) {
    switch step {
    case .cancel:
      if gently() { return }
      cancel()
      engine.cancel()
    // What runs where, the work itself says: it hears of the press too.
    case .report:
      cancel()
      engine.cancel()
      surface.warned("still stopping; press Ctrl-C again within 2 s to leave without waiting")
    case .leave: leave()
    }
  }
}
