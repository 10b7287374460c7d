package import PrimitiveKit
import Synchronization

/// Where the primitives of runbooks find the engine, which exists only once the catalog is whole.
package final class RunbookDesk: Sendable {
  private let engine = Mutex<RunbookEngine?>(nil)

  package init() {}

  /// Hands the engine over.
  package func connect(_ engine: RunbookEngine) { self.engine.withLock { $0 = engine } }

  /// The engine; throws `site.missing` where there is none.
  func require() throws(CallFailure) -> RunbookEngine {
    if let engine = engine.withLock({ $0 }) { return engine }
    throw CallFailure(
      code: "site.missing",
      message: "runs need a site, and there is none",
      hint: "give one with --site FILE"
    )
  }

  /// What is done with runs and runbooks at the prompt.
  package var primitives: [Primitive] {
    runPrimitives + outcomePrimitives + runbookPrimitives + lockPrimitives + auditPrimitives
  }
}
