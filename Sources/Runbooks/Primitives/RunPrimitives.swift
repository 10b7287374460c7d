import Journal
import PrimitiveKit

extension RunbookDesk {
  /// Looking at runs and taking them up again.
  var runPrimitives: [Primitive] {
    [
      Primitive(
        "runs",
        "Lists runs, the newest first.",
        effect: .reads,
        Parameter<String?>("state", default: nil, "Only those in this state", completion: .choices(states)),
        Parameter<String?>("name", default: nil, "Only of this runbook or primitive"),
        Parameter<Int>("limit", default: 20, "At most so many"),
        Parameter<String?>("kind", default: nil, "Only of this kind", completion: .choices(kinds)),
        returns: "One record a run",
        examples: [
          Example(#"runs<state="interrupted">"#, "what can be resumed"), Example(#"runs<kind="drill">"#, "drills"),
        ],
        topics: ["journal", "history", "resume", "drill"]
      ) { state, name, limit, kind async throws(CallFailure) in
        var filter = RunFilter(name: name, limit: max(1, limit))
        if let kind {
          guard let known = RunKind(rawValue: kind) else { throw self.unknown("kind", kind, self.kinds) }
          filter.kinds = [known]
        }
        if let state {
          guard let known = RunState(rawValue: state) else { throw self.unknown("state", state, self.states) }
          // One that is written down as running may be interrupted.
          filter.states = known == .interrupted ? [.interrupted, .running] : [known]
        }
        let entries = try await self.require().entries(filter)
        return state == nil ? entries : entries.filter { $0.run.state.rawValue == state }
      },

      Primitive(
        "run",
        "Shows one run: timeline, steps, operations, hosts.",
        effect: .reads,
        Parameter<String>("id", "The run, or enough of its id to be the only one"),
        returns: "A table; `steps`, `operations` and `timeline` are lists of records",
        examples: [],
        topics: ["journal", "timeline", "status"]
      ) { id async throws(CallFailure) in
        try await self.require().details(id)
      },

      Primitive(
        "resume",
        "Goes on with a run that ended before its end; what is done is not done again.",
        effect: .changes,
        Parameter<String>("id", "The run"),
        Parameter<Bool>(
          "with_new",
          default: false,
          "Take the present text of its runbook, where all it did is the same"
        ),
        returns: "What the run answers",
        examples: [],
        topics: ["continue", "crash", "interrupted"]
      ) { id, isNew async throws(CallFailure) in
        try await self.resume(id, isNew: isNew)
      },

      Primitive(
        "rollback",
        "Undoes a run, the last change first, after saying what cannot be undone.",
        effect: .changes,
        Parameter<String>("id", "The run"),
        Parameter<Bool>("yes", default: false, "Take the confirmation as given"),
        returns: "The id of the run that is rolled back",
        examples: [],
        topics: ["undo", "revert"]
      ) { id, yes async throws(CallFailure) in
        // A dry run of it shows what it would undo.
        if CallContext.current.isQuiet, try await self.isDry("roll run \(id) back") {
          return RunbookDesk.unknown("rollback")
        }
        if let stop = await CallContext.current.run?.stopped { throw stop }
        let engine = try self.require()
        let value = try await engine.rollback(id, isConfirmed: yes).value
        return engine.isDry ? RunbookDesk.unknown("rollback") : value
      },

      Primitive(
        "fork",
        "Begins a new run of a runbook where an earlier run's steps up to one are taken as done.",
        effect: .changes,
        Parameter<String>("id", "The earlier run"),
        Parameter<String>("from", "The first step that is done anew"),
        returns: "What the run answers",
        examples: [],
        topics: ["resume"]
      ) { id, step async throws(CallFailure) in
        // A dry run of it shows the plan of the new run.
        if CallContext.current.isQuiet, try await self.isDry("fork run \(id) from '\(step)'") {
          return RunbookDesk.unknown("fork")
        }
        if let stop = await CallContext.current.run?.stopped { throw stop }
        let engine = try self.require()
        let value = try await engine.fork(id, from: step).value
        return engine.isDry ? RunbookDesk.unknown("fork") : value
      },
    ]
  }

  private func resume(_ id: String, isNew: Bool) async throws(CallFailure) -> Value {
    // A dry run of it shows the plan of what is left.
    if CallContext.current.isQuiet, try await isDry("resume run \(id)") { return RunbookDesk.unknown("resume") }
    if let stop = await CallContext.current.run?.stopped { throw stop }
    let engine = try require()
    let value = try await engine.resume(id, isNew: isNew)
    return engine.isDry ? RunbookDesk.unknown("resume") : value
  }

  private var states: [String] { RunState.allCases.map(\.rawValue) }
  private var kinds: [String] { RunKind.allCases.map(\.rawValue) }

  private func unknown(_ what: String, _ given: String, _ known: [String]) -> CallFailure {
    CallFailure(
      .invalid,
      code: "call.argument",
      message: "runs: there is no \(what) '\(given)'",
      hint: NearestName.question(for: given, in: known) ?? "\(what)s: \(known.joined(separator: ", "))"
    )
  }
}
