import Console
import Foundation
import PrimitiveKit
import Runbooks

/// One thing that opsh does without a prompt.
enum WorkItem: Sendable {
  case chunk(Chunk)
  case runbook(source: String, path: String)
  case command(Command, [String])
}

/// Does what the command line asks for, one thing after the other; the first failure ends it.
struct BatchWork: Sendable {
  let batch: Batch
  let runbooks: RunbookEngine
  let invocation: Invocation
  let stage: Stage

  /// Answers the exit status, the worst of all.
  func run(_ items: [WorkItem]) async -> Int32 {
    var status: Int32 = 0
    for item in items {
      switch item {
      case .chunk(let chunk): status = await batch.run([chunk])
      case .runbook(let source, let path):
        status = await batch.run { () async throws(CallFailure) in try await runbook(source, path) }
      case .command(let command, let words):
        status = await CommandWork(command: command, words: words, work: self).run()
      }
      // A dry run of many runbooks tells of all of them.
      if status != 0, !invocation.session.isDryRun { return status }
    }
    return status
  }

  private func runbook(_ source: String, _ path: String) async throws(CallFailure) -> [Value] {
    let book = try await runbooks.load(source, path: path)
    if invocation.runbook.wantsHelp {
      stage.write(RunbookHelp.text(book.header, path: path, today: CalendarDate(Date())) + "\n")
      return []
    }
    let words = invocation.arguments.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let arguments = try RunbookParameters(book.header, path: path).bind(words: words)
    let result = try await runbooks.start(book, arguments, try start())
    if result.exitCode != .ok { stage.dialogue.note(result.exitCode) }
    return result.value == .null ? [] : [result.value]
  }

  func start() throws(CallFailure) -> RunbookStart {
    let options = invocation.runbook
    var start = RunbookStart(isDry: invocation.session.isDryRun, planOut: options.planOut)
    if let path = options.apply { start.apply = try PlanFile.read(path) }
    if let text = options.onFailure {
      guard let policy = FailurePolicy(rawValue: text) else {
        throw CallFailure(
          code: "usage.option",
          message: "--on-failure takes stop, rollback or skip, got '\(text)'"
        )
      }
      start.onFailure = policy
    }
    return start
  }
}
