import Journal
package import PrimitiveKit
import RunbookHeader
import Runs

/// What is done with runbooks at the prompt: listing and starting them, and taking up their runs.
package struct RunbookPrimitives: Sendable {
  private let engine: Bound<RunbookEngine>

  package init(_ engine: Bound<RunbookEngine>) { self.engine = engine }

  package var all: [Primitive] { ResumePrimitives(engine: engine).all + starting }

  private var starting: [Primitive] {
    [
      Primitive(
        "runbooks",
        "Lists runbooks with their last run.",
        effect: .reads,
        returns: "One record per runbook",
        examples: [Example("runbooks()", "what is available, and when it last ran")],
        topics: ["list", "drill"]
      ) { () async throws(CallFailure) in
        try await self.engine().catalog.entries()
      },

      Primitive(
        "runbook.run",
        "Plans a runbook, asks, and runs it.",
        effect: .changes,
        Parameter<String>("name", "A runbook's name, or the path of its file", completion: .runbooks),
        Parameter<Value>("arguments", default: .table([:]), "Its parameters, by name"),
        Parameter<Bool>("dry_run", default: false, "Read for real, change nothing, show the plan"),
        Parameter<String?>("plan_out", default: nil, "Write the plan to this file", completion: .files),
        Parameter<String?>("apply", default: nil, "Run only if this plan still holds", completion: .files),
        Parameter<String?>(
          "on_failure",
          default: nil,
          "What to do when a step fails and there is no terminal to ask at",
          completion: .choices(FailurePolicy.allCases.map(\.rawValue))
        ),
        returns: "What the runbook returns; in a dry run, the plan",
        examples: [
          Example(#"runbook.run<name="deploy", arguments={ target="all" }, dry_run=true>"#, "what a deploy would do")
        ],
        topics: ["start", "plan", "apply"]
      ) { name, arguments, isDry, planOut, apply, onFailure async throws(CallFailure) in
        var start = RunbookStart(isDry: isDry || CallContext.current.isDryRun, planOut: planOut)
        if let apply { start.apply = try PlanFile.read(apply) }
        start.onFailure = try self.policy(onFailure, "runbook.run")
        // A live run plans as well: what it promises is what was given.
        let isSessionDry = try self.engine().runs.options.isDryRun
        let result = try await self.begin(name, arguments, start, fillsIn: isDry || isSessionDry)
        if start.isDry, let plan = result.plan {
          try self.engine().runs.dialogue.shown(plan.value)
          return plan.value
        }
        return result.value
      },

      Primitive(
        "runbook.drill",
        "Runs a runbook for real and records it as a drill.",
        effect: .changes,
        Parameter<String>("name", "A runbook's name, or the path of its file", completion: .runbooks),
        Parameter<Value>("arguments", default: .table([:]), "Its parameters, by name"),
        Parameter<String?>("apply", default: nil, "Run only if this plan still holds", completion: .files),
        Parameter<String?>(
          "on_failure",
          default: nil,
          "What to do when a step fails and there is no terminal to ask at",
          completion: .choices(FailurePolicy.allCases.map(\.rawValue))
        ),
        returns: "What the runbook returns",
        examples: [
          Example(#"runbook.drill<name="exec", arguments={ on="staging", cmd="true" }>"#, "practice on staging")
        ],
        topics: ["practice", "exercise", "start"]
      ) { name, arguments, apply, onFailure async throws(CallFailure) in
        var start = RunbookStart(isDry: CallContext.current.isDryRun, isDrill: true)
        if let apply { start.apply = try PlanFile.read(apply) }
        start.onFailure = try self.policy(onFailure, "runbook.drill")
        return try await self.begin(name, arguments, start, fillsIn: false).value
      },
    ]
  }

  private func policy(_ text: String?, _ primitive: String) throws(CallFailure) -> FailurePolicy? {
    guard let text else { return nil }
    guard let policy = FailurePolicy(rawValue: text) else {
      throw CallFailure(
        .invalid,
        code: "call.argument",
        message: "\(primitive): 'on_failure' should be one of "
          + FailurePolicy.allCases.map(\.rawValue).joined(separator: ", ")
      )
    }
    return policy
  }

  /// Finds a runbook, binds its arguments, of the site as well where it `fillsIn`, and starts it.
  private func begin(_ name: String, _ arguments: Value, _ start: RunbookStart, fillsIn: Bool)
    async throws(CallFailure) -> RunbookResult
  {
    let engine = try self.engine()
    if let stop = await CallContext.current.run?.stopped { throw stop }
    let (source, path) = try engine.catalog.find(name)
    let book = try await engine.catalog.load(source, path: path)
    let site = fillsIn ? try engine.catalog.siteArguments(beside: [path]) : nil
    let bound = try RunbookParameters(book.header, path: path).bind(values: arguments.tableFields, site: site)
    return try await engine.start(book, bound, start)
  }
}
