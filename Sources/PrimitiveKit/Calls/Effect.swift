/// What calling a primitive may do to the world (DESIGN section 4).
package enum Effect: String, Sendable, Codable, CaseIterable {
  /// Looks only.
  case reads
  /// Changes something on a host, in a file or in a service.
  case changes
  /// Can open, close or block positions.
  case trades
  /// Changes credentials, limits or approvals.
  case administers
}

/// What the calls of one evaluation may do.
///
/// Task local: the engine sets it for a chunk, a runbook's `check` narrows it to `reads`.
package struct CallContext: Sendable {
  /// The context of the current task.
  @TaskLocal package static var current = CallContext()

  /// The effects that are not refused.
  package var allowed: Set<Effect>
  /// Who narrowed the effects, as the refusal names it, for example `check`.
  package var name: String
  /// Whether `allowed` is what the header of a runbook declares, which its author may extend.
  package var isDeclared = false
  /// Whether changes are predicted instead of performed.
  package var isDryRun: Bool
  /// The run that changes of this call belong to; nil where each call is a run of its own.
  package var run: Run?
  /// The step that the call is made in, as a path of names such as `deploy/web001`; empty outside steps.
  package var step = ""
  /// Whether an operator has confirmed the plan that this call is part of, so that no primitive asks again.
  package var isConfirmed = false
  /// Whether what the call would say is said elsewhere: in the plan it is rehearsed for, or in the progress of a rollout.
  package var isQuiet = false
  /// What `print` of the call's script is: its own words, or those of a plan.
  package var voice = ScriptVoice.own
  /// Where relative paths of the call start: the directory of its script or plugin; nil for the current directory.
  package var folder: String?
  /// What a plan takes for the time, in seconds since 1970; nil for the world's clock.
  package var moment: Int?
  /// The speed of the rollout that changes of this call belong to; nil outside rollouts.
  package var speed: String?
  /// The speeds that the plan of the run was admitted with; nil where no plan was.
  package var admittedSpeeds: Set<String>?
  /// What the caller makes of a change that reached only some of its hosts.
  package var tolerance = Tolerance.any
  /// The plugin whose code makes the call; nil for code of the operator.
  package var plugin: String?
  /// Hears of the exit codes that the call notes, for the record of its run.
  package var noted: NotedExit?
  /// Names the call by its primitive and its arguments; nil outside of calls.
  package private(set) var call: String?
  /// The id of the run that a single call is; nil elsewhere.
  package var runID: String?

  package init(allowed: Set<Effect> = Set(Effect.allCases), name: String = "this script", isDryRun: Bool = false) {
    self.allowed = allowed
    self.name = name
    self.isDryRun = isDryRun
  }

  /// Makes a call in this context; once it returns, what it noted when it was made before no longer counts.
  package func calling<Answer: Sendable>(
    _ primitive: String,
    _ arguments: [Value],
    _ body: () async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    let name = "\(primitive) \(SHA256(hashing: Value.array(arguments).literal.utf8).hex)"
    var context = self
    context.call = name
    let before = noted?.count ?? 0
    let answer = try await context.whileCalling(body)
    noted?.forget(call: name, before: before)
    return answer
  }

  /// Runs `body` in this context.
  package func whileCalling<Answer: Sendable>(
    _ body: () async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    let result: Result<Answer, CallFailure> = await CallContext.$current.withValue(self) {
      do throws(CallFailure) {
        return .success(try await body())
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// Refuses a primitive whose effect the context does not allow.
  ///
  /// Throws `call.effect`; the message names both effects.
  package func permit(_ info: PrimitiveInfo, _ values: [Value] = []) throws(CallFailure) {
    guard !allowed.contains(info.effect(of: values)) else { return }
    let names = Effect.allCases.filter(allowed.contains).map { "'\($0.rawValue)'" }.joined(separator: ", ")
    let limit = allowed.isEmpty ? "calls no primitive" : "allows only \(names)"
    throw CallFailure(
      .refused,
      .notAllowed,
      code: "call.effect",
      message: "\(info.name) has the effect '\(info.effect.rawValue)', but \(name) \(limit)",
      hint: info.readsWhen.map { "with \($0)=\(info.readsValue.map { "\"\($0)\"" } ?? "true") it only reads" }
        ?? (isDeclared
          ? "add \"\(info.effect.rawValue)\" to `effects` in its header"
          : "move the call to where '\(info.effect.rawValue)' is allowed")
    )
  }
}

/// In which capacity a script is running when it prints.
package enum ScriptVoice: Sendable {
  case own
  /// A runbook is being planned: nothing that it says has happened.
  case plan
  /// A finished run is walked through once more: it has said everything.
  case none
}

/// What a caller makes of a change that reached only some of its hosts.
package enum Tolerance: Sendable {
  /// It looks at the answer itself: a person at the prompt, or a plain script.
  case any
  /// Only what a budget allows may fail: the calls of a runbook.
  case budget
  /// Nothing may fail, since the budget is the caller's: an item of a loop.
  case none
}
