import Console
import JournalPrimitives
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
    let setting = engine.runs
    switch command {
    case .stop: return try await stop()
    case .runs:
      try none()
      return [try await RunHistory(setting).list(limit: 50)]
    case .resume:
      let value = try await engine.resume(try one("the id of a run"), isNew: work.invocation.runbook.withNew)
      return value == .null ? [] : [value]
    case .rollback: return [try await engine.rollback(try one("the id of a run")).value]
    case .fork:
      let run = try one("the id of a run")
      guard let step = work.invocation.runbook.from else { throw command.failure("fork needs --from STEP") }
      return [try await engine.fork(run, from: step).value]
    case .fidelity:
      try none()
      return [try await AuditWork(setting).fidelityValue()]
    case .audit: return try await audit()
    case .journal: return try await journal()
    case .lint: return try await lint()
    case .approve: return try await approve()
    case .sign: return try await sign()
    // With a file it is one that is run.
    case .drill: throw command.failure("drill needs the file of a runbook")
    }
  }

  private func audit() async throws(CallFailure) -> [Value] {
    let known = ["verify", "export", "accept"]
    let word = try one("one word, verify, export or accept")
    guard known.contains(word) else {
      throw command.failure("audit does not know '\(word)'", hint: NearestName.question(for: word, in: known))
    }
    let audit = AuditWork(work.runbooks.runs)
    switch word {
    case "verify":
      guard let file = work.invocation.runbook.head else { return [try await audit.verify()] }
      return [try await audit.compare(heads: try TextSource.read(file), name: file == "-" ? "standard input" : file)]
    case "accept":
      let value = try await audit.accept(reason: work.invocation.session.reason ?? "")
      return value == .null ? [] : [value]
    default:
      let stage = work.stage
      try await audit.export { stage.write($0 + "\n") }
      return []
    }
  }

  /// The one word that follows the command.
  func one(_ what: String) throws(CallFailure) -> String {
    if words.count > 1 { throw unwanted(words[1]) }
    guard let word = words.first, !word.isEmpty else { throw command.failure("\(command.rawValue) needs \(what)") }
    return word
  }

  /// Checks that nothing follows the command.
  private func none() throws(CallFailure) {
    if let word = words.first { throw unwanted(word) }
  }

  private func unwanted(_ word: String) -> CallFailure {
    command.failure("\(command.rawValue) has no use for '\(word)'")
  }
}
