package import PrimitiveKit

/// Where the primitives of runbooks find the engine, which exists only once the catalog is whole.
package struct RunbookDesk: Sendable {
  private let engine: Bound<RunbookEngine>

  package init(_ engine: Bound<RunbookEngine>) { self.engine = engine }

  /// The engine; throws `internal.unbound` while opsh is being put together.
  func require() throws(CallFailure) -> RunbookEngine { try engine() }

  /// Says what a dry run leaves undone; false when this is none.
  ///
  /// Throws why nothing new begins, in a run that is being stopped or only walked through.
  func isDry(_ deed: String) async throws(CallFailure) -> Bool {
    let engine = try require()
    if CallContext.current.isDryRun || engine.setting.options.isDryRun {
      engine.dialogue.say("  dry run: would \(deed)")
      return true
    }
    if let stop = await CallContext.current.run?.stopped { throw stop }
    return false
  }

  /// What a dry run cannot know of something it did not do.
  static func unknown(_ name: String) -> Value {
    .unknown(Unknown(why: "a dry run does not do it", origin: name))
  }

  /// What is done with runs and runbooks at the prompt.
  package var primitives: [Primitive] {
    runPrimitives + outcomePrimitives + runbookPrimitives + lockPrimitives + auditPrimitives
  }
}
