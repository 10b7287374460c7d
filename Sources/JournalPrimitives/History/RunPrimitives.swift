import Journal
import PrimitiveKit
import Runs

/// Looking at runs.
struct RunPrimitives: Sendable {
  let history: RunHistory

  var all: [Primitive] {
    [
      Primitive(
        "runs",
        "Lists runs, newest first.",
        effect: .reads,
        Parameter<String?>("state", default: nil, "Only those in this state", completion: .choices(states)),
        Parameter<String?>("name", default: nil, "Only of this runbook or primitive"),
        Parameter<Int>("limit", default: 20, "At most this many"),
        Parameter<String?>("kind", default: nil, "Only of this kind", completion: .choices(kinds)),
        returns: "One record per run",
        examples: [
          Example(#"runs<state="interrupted">"#, "what can be resumed"), Example(#"runs<kind="drill">"#, "drills"),
        ],
        topics: ["journal", "history", "resume", "drill"]
      ) { state, name, limit, kind async throws(CallFailure) in
        var filter = RunFilter(name: name, limit: max(1, limit))
        if let kind {
          guard let known = RunKind(rawValue: kind) else { throw unknown("kind", kind, kinds) }
          filter.kinds = [known]
        }
        if let state {
          guard let known = RunState(rawValue: state) else { throw unknown("state", state, states) }
          // One that is recorded as running may be interrupted, or wait.
          filter.states = known == .interrupted ? [.interrupted, .running, .waiting] : [known]
        }
        let entries = try await history.entries(filter)
        return state == nil ? entries : entries.filter { $0.run.state.rawValue == state }
      },

      Primitive(
        "run",
        "Shows one run: timeline, steps, operations, hosts.",
        effect: .reads,
        Parameter<String>("id", "The run; a unique part of its id is enough"),
        returns: "A table; `steps`, `operations` and `timeline` are lists of records",
        examples: [],
        topics: ["journal", "timeline", "status"]
      ) { id async throws(CallFailure) in
        try await history.details(id)
      },
    ]
  }

  private var states: [String] { RunState.allCases.map(\.rawValue) }
  private var kinds: [String] { RunKind.allCases.map(\.rawValue) }

  private func unknown(_ what: String, _ given: String, _ known: [String]) -> CallFailure {
    CallFailure(
      .invalid,
      code: "call.argument",
      message: "runs: unknown \(what) '\(given)'",
      hint: NearestName.question(for: given, in: known) ?? "\(what)s: \(known.joined(separator: ", "))"
    )
  }
}
