package import PrimitiveKit

extension Subcommand {
  /// The commands that take runs up again.
  static var aboutRuns: [Subcommand] { [resume, rollback, fork] }

  private static var resume: Subcommand {
    Subcommand(
      "resume",
      "resumes a run that stopped early; finished work is not repeated",
      CommandArgument<String>.word("RUN", "the id of a run, or a unique part of it", completion: .named("runs")),
      CommandArgument<Bool>.flag("with-new", "use the current runbook, if the steps already done are unchanged"),
      approval,
      exits: [.asItsRun, CommandExit(.dataInvalid, "no such run")],
      examples: [
        Example("opsh resume 20261121-114502", "an id may be shortened"),
        Example("opsh resume 20261121-114502 --dry-run", "shows what is left to do"),
      ],
      shares: [.dryRun, .yes, .reason]
    ) { call, run, isNew, _ async throws(CallFailure) in
      let value = try await call.engine.resume(run, isNew: isNew)
      return value == .null ? [] : [value]
    }
  }

  private static var rollback: Subcommand {
    Subcommand(
      "rollback",
      "undoes a run, last change first",
      CommandArgument<String>.word("RUN", "the id of a run, or a unique part of it", completion: .named("runs")),
      CommandArgument<Bool>.flag("mark", "mark the rolled-back releases bad, even if nothing judged them bad"),
      exits: [
        CommandExit(.ok, "undone"), CommandExit(.rollbackFailed, "it failed, or something is left to undo"),
        CommandExit(.unknownOutcomes, "the outcome of some changes is unknown"),
        CommandExit(.dataInvalid, "no such run"), CommandExit(.lockRefused, "nothing to undo"),
        CommandExit(.cancelled, "not confirmed"),
      ],
      examples: [Example("opsh rollback 20261121-114502 --dry-run", "shows what it would undo")],
      shares: [.dryRun, .yes, .reason]
    ) { call, run, mark async throws(CallFailure) in [try await call.engine.rollback(run, isMarking: mark).value] }
  }

  private static var fork: Subcommand {
    Subcommand(
      "fork",
      "starts a new run that reuses an earlier run's steps before STEP",
      CommandArgument<String>.word("RUN", "the id of a run, or a unique part of it", completion: .named("runs")),
      CommandArgument<String>.option("from", "STEP", "the first step to repeat"),
      approval,
      exits: [.asItsRun, CommandExit(.dataInvalid, "no such run or step")],
      examples: [Example("opsh fork 20261121-114502 --from restart", "starts again at one step")],
      shares: [.dryRun, .yes, .reason]
    ) { call, run, step, _ async throws(CallFailure) in [try await call.engine.fork(run, from: step).value] }
  }

  /// `--approval`: read before the session begins, since single calls obey it, too.
  package static var approval: CommandArgument<String?> {
    .option(
      "approval",
      "FILE",
      default: nil,
      "a detached approval, as `opsh approve --out` writes it",
      completion: .files
    )
  }
}

extension SubcommandCall {
  /// The engine of runbooks; throws `internal.unbound` while opsh is being put together.
  fileprivate var engine: RunbookEngine { get throws(CallFailure) { try surroundings.runbookEngine() } }
}
