import PrimitiveKit
import Runs

/// Taking up runs again.
struct ResumePrimitives: Sendable {
  let engine: Bound<RunbookEngine>

  var all: [Primitive] {
    [
      Primitive(
        "resume",
        "Resumes a run that stopped early; finished work is not repeated.",
        effect: .changes,
        Parameter<String>("id", "The run"),
        Parameter<Bool>(
          "with_new",
          default: false,
          "Use the current runbook, if the steps already done are unchanged"
        ),
        returns: "What the run returns",
        examples: [],
        topics: ["continue", "crash", "interrupted"]
      ) { id, isNew async throws(CallFailure) in
        try await self.resume(id, isNew: isNew)
      },

      Primitive(
        "rollback",
        "Undoes a run, last change first, after showing what cannot be undone.",
        effect: .changes,
        Parameter<String>("id", "The run"),
        Parameter<Bool>("yes", default: false, "Confirm in advance"),
        Parameter<Bool>("mark", default: false, "Mark the rolled-back releases bad, even if nothing judged them bad"),
        returns: "The id of the run that was rolled back",
        examples: [],
        topics: ["undo", "revert"]
      ) { id, yes, mark async throws(CallFailure) in
        // A dry run of it shows what it would undo.
        if CallContext.current.isQuiet, try await self.engine().runs.isDry("roll run \(id) back") {
          return ResumePrimitives.unknown("rollback")
        }
        if let stop = await CallContext.current.run?.stopped { throw stop }
        let engine = try self.engine()
        let value = try await engine.rollback(id, isConfirmed: yes, isMarking: mark).value
        return engine.runs.isDry ? ResumePrimitives.unknown("rollback") : value
      },

      Primitive(
        "fork",
        "Starts a new run that reuses an earlier run's steps up to a given one.",
        effect: .changes,
        Parameter<String>("id", "The earlier run"),
        Parameter<String>("from", "The first step to repeat"),
        returns: "What the run returns",
        examples: [],
        topics: ["resume"]
      ) { id, step async throws(CallFailure) in
        // A dry run of it shows the plan of the new run.
        if CallContext.current.isQuiet, try await self.engine().runs.isDry("fork run \(id) from '\(step)'") {
          return ResumePrimitives.unknown("fork")
        }
        if let stop = await CallContext.current.run?.stopped { throw stop }
        let engine = try self.engine()
        let value = try await engine.fork(id, from: step).value
        return engine.runs.isDry ? ResumePrimitives.unknown("fork") : value
      },
    ]
  }

  private func resume(_ id: String, isNew: Bool) async throws(CallFailure) -> Value {
    // A dry run of it shows the plan of what is left.
    if CallContext.current.isQuiet, try await engine().runs.isDry("resume run \(id)") {
      return ResumePrimitives.unknown("resume")
    }
    if let stop = await CallContext.current.run?.stopped { throw stop }
    let engine = try self.engine()
    let value = try await engine.resume(id, isNew: isNew)
    return engine.runs.isDry ? ResumePrimitives.unknown("resume") : value
  }

  /// What a dry run cannot know of something it did not do.
  private static func unknown(_ name: String) -> Value {
    .unknown(Unknown(why: "a dry run does not do this", origin: name))
  }
}
