import Console
import PrimitiveKit
import Runbooks

/// Carries out one of the commands of the command line.
struct CommandWork: Sendable {
  let command: Command
  let words: [String]
  let work: BatchWork

  /// Answers the exit status.
  func run() async -> Int32 {
    await work.batch.run { () async throws(CallFailure) in try await perform() }
  }

  private func perform() async throws(CallFailure) -> [Value] {
    let engine = work.runbooks
    switch command {
    case .runs: return [try await engine.list(limit: 50)]
    case .resume:
      let value = try await engine.resume(try one("the run"), isNew: work.invocation.runbook.withNew)
      return value == .null ? [] : [value]
    case .rollback: return [try await engine.rollback(try one("the run")).value]
    case .fork:
      guard let step = work.invocation.runbook.from else { throw usage("--from STEP says where the new run begins") }
      return [try await engine.fork(try one("the run"), from: step).value]
    case .fidelity: return [try await engine.fidelity()]
    case .audit: return try await audit()
    case .lint: return try await lint()
    case .approve: return try await approve()
    case .sign: return try await sign()
    }
  }

  private func audit() async throws(CallFailure) -> [Value] {
    switch words.first {
    case "verify": return [try await work.runbooks.verifyAudit()]
    case "export":
      let stage = work.stage
      try await work.runbooks.exportAudit { stage.write($0 + "\n") }
      return []
    case "accept":
      let value = try await work.runbooks.acceptAudit(reason: work.invocation.session.reason ?? "")
      return value == .null ? [] : [value]
    default: throw usage("audit verify, audit export, or audit accept --reason TEXT")
    }
  }

  /// The one word that follows the command.
  func one(_ what: String) throws(CallFailure) -> String {
    guard words.count == 1, let word = words.first else { throw usage("give \(what)") }
    return word
  }

  func usage(_ hint: String) -> CallFailure {
    CallFailure(
      code: "usage.argument",
      message: "opsh \(command.rawValue): \(hint)",
      hint: "`opsh --help` shows the usage"
    )
  }
}
