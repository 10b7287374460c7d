import PrimitiveKit
import Runs

extension Subcommand {
  /// The commands that look at runs.
  static var aboutHistory: [Subcommand] { [runs, fidelity] }

  private static var runs: Subcommand {
    Subcommand(
      "runs",
      "lists runs, newest first",
      exits: [CommandExit(.ok, "ok"), CommandExit(.dataInvalid, "no site, or a journal that cannot be read")],
      examples: [Example("opsh runs", "the last 50")]
    ) { call async throws(CallFailure) in [try await RunHistory(try call.runs).list(limit: 50)] }
  }

  private static var fidelity: Subcommand {
    Subcommand(
      "fidelity",
      "shows how often plans predicted what happened, by kind of change",
      exits: [CommandExit(.ok, "ok"), CommandExit(.dataInvalid, "no site, or a journal that cannot be read")],
      examples: [Example("opsh fidelity", "over all runs")]
    ) { call async throws(CallFailure) in [try await AuditWork(try call.runs).fidelityValue()] }
  }
}

extension SubcommandCall {
  /// What runs are opened with; throws `internal.unbound` while opsh is being put together.
  fileprivate var runs: RunSetting {
    get throws(CallFailure) {
      if let setting = surroundings.runSetting { return setting }
      throw CallFailure(.defect, code: "internal.unbound", message: "runs cannot be opened here")
    }
  }
}
