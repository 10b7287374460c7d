import Console
import Drivers
import Foundation
import Foundations
import Journal
import JournalPrimitives
import LuaRuntime
import PrimitiveKit
import RunReports
import RunbookHeader
import Runbooks
import Runs
import Synchronization

/// One thing that opsh does without a prompt.
enum WorkItem: Sendable {
  case chunk(Chunk)
  /// A file that is not there, or no text.
  case unreadable(path: String, CallFailure)
  case runbook(source: String, path: String)
  case command(BoundSubcommand)
}

/// Does what the command line asks for, one thing after the other.
struct BatchWork: Sendable {
  let batch: Batch
  let runbooks: RunbookEngine
  var invocation: Invocation
  let stage: Stage
  let composition: Composition
  let engine: LuaEngine
  let catalog: Catalog
  let reports = Reports()

  /// Answers the exit status, the worst of all; a live run ends with the first failure.
  func run(_ items: [WorkItem]) async -> Int32 {
    var status = await batch.run { () async throws(CallFailure) in
      try checkFiles()
      try await check(items)
      return []
    }
    guard status == 0 else { return status }
    for item in items {
      switch item {
      case .chunk(let chunk):
        let trace = RunbookTrace(path: String(chunk.name.drop { $0 == "@" }), began: Date())
        status = await batch.run([chunk])
        if chunk.name.hasPrefix("@") { await report(trace, script: status) }
      case .unreadable(let path, let failure):
        status = await batch.run { () throws(CallFailure) in throw failure }
        await report(RunbookTrace(path: path, began: Date()), ExitCode(failure: failure), failure)
      case .runbook(let source, let path):
        status = await batch.run { () async throws(CallFailure) in try await runbook(source, path) }
      case .command(let command):
        status = await batch.run { () async throws(CallFailure) in try await perform(command) }
      }
      // A dry run of many runbooks tells of all of them.
      if batch.isLeaving { return status }
      if status != 0, !invocation.session.isDryRun { break }
    }
    guard !invocation.runbook.wantsHelp else { return status }
    writeReports(after: status)
    return await batch.run { () async throws(CallFailure) in try finish() }
  }

  private func perform(_ command: BoundSubcommand) async throws(CallFailure) -> [Value] {
    do throws(CallFailure) {
      return try await command.work(SubcommandCall(surroundings, isJSON: invocation.isJSON, write: stage.write))
    } catch {
      guard command.failsAsUnknown else { throw error }
      guard !invocation.isJSON else { throw error.ending(Monitoring.unknown) }
      stage.write(Monitoring.line(error))
      stage.dialogue.note(Monitoring.unknown)
      return []
    }
  }

  /// Looks whether what the options name can be written, before anything is planned.
  private func checkFiles() throws(CallFailure) {
    let options = invocation.runbook
    guard !options.wantsHelp else { return }
    for path in [options.report, options.junit, options.planOut].compactMap(\.self) { try TextFile.check(path) }
  }

  /// What a command works with.
  private var surroundings: Surroundings {
    var surroundings = composition.surroundings
    surroundings.runbookEngine = Bound(runbooks)
    surroundings.work = self
    return surroundings
  }

  /// Runs a runbook, or shows its parameters, and notes how it went for the reports.
  func runbook(_ source: String, _ path: String) async throws(CallFailure) -> [Value] {
    var trace = RunbookTrace(path: path, began: Date())
    do throws(CallFailure) {
      let book = try await runbooks.catalog.load(source, path: path)
      trace.floor = book.header.exactness
      if invocation.runbook.wantsHelp {
        stage.write(RunbookHelp.text(book.header, path: path, today: CalendarDate(Date())) + "\n")
        return []
      }
      let arguments = try arguments(of: book)
      let result = try await runbooks.start(book, arguments, try start(&trace))
      try composition.reads.check()
      if result.exitCode != .ok { stage.dialogue.note(result.exitCode) }
      await report(trace, result.exitCode, nil)
      return result.value == .null ? [] : [result.value]
    } catch {
      let failure = cause(of: error)
      await report(trace, ExitCode(failure: failure), failure)
      throw failure
    }
  }

  /// What made a runbook fail: to primitives, a read that a recording lacks looks like a host that does not answer.
  private func cause(of error: CallFailure) -> CallFailure {
    do throws(CallFailure) {
      try composition.reads.check()
      return error
    } catch {
      return error
    }
  }

  private func start(_ trace: inout RunbookTrace) throws(CallFailure) -> RunbookStart {
    let options = invocation.runbook
    var start = RunbookStart(
      isDry: invocation.session.isDryRun,
      isDrill: options.isDrill,
      planOut: options.planOut
    )
    if let path = options.apply { start.apply = try PlanFile.read(path) }
    start.onFailure = options.onFailure.flatMap(FailurePolicy.init(rawValue:))
    let seen = trace.seen
    start.onPlan = { plan, run in seen.note(plan, of: run) }
    return start
  }

  /// A file that is no runbook, or cannot be told to be one, is no less green or red in a report.
  private func report(_ trace: RunbookTrace, script status: Int32) async {
    let code = ExitCode(rawValue: status) ?? .internalError
    let failure = CallFailure(.failed, code: "script.failed", message: "\(trace.path) ended with exit code \(status)")
    await report(trace, code, status == 0 ? nil : failure)
  }

  private func report(_ trace: RunbookTrace, _ exitCode: ExitCode, _ failure: CallFailure?) async {
    guard invocation.runbook.junit != nil || invocation.runbook.report != nil else { return }
    let (plan, run) = trace.seen.value ?? (nil, nil)
    let isDry = invocation.session.isDryRun
    var rows: [StepRow] = []
    if !isDry, let run { rows = await RunHistory(runbooks.runs).steps(of: run) }
    reports.add(
      RunReport(
        file: trace.path,
        plan: plan,
        floor: trace.floor,
        mode: isDry ? .dryRun : invocation.runbook.isDrill ? .drill : .live,
        run: isDry ? nil : run,
        rows: rows,
        started: trace.began,
        seconds: Date().timeIntervalSince(trace.began),
        exitCode: exitCode,
        failure: failure
      )
    )
  }

  /// Writes the reports; where one cannot be written, a failure of the work stays the exit code, and success is none.
  private func writeReports(after status: Int32) {
    let document = ReportDocument(
      opsh: Opsh.version,
      site: composition.siteName,
      machine: ProcessInfo.processInfo.hostName,
      runbooks: reports.all
    )
    if let path = invocation.runbook.report { write(document.json, to: path, after: status) }
    if let path = invocation.runbook.junit { write(JUnitReport(document).xml, to: path, after: status) }
  }

  private func write(_ text: String, to path: String, after status: Int32) {
    do throws(CallFailure) {
      try TextFile.write(text, to: path)
    } catch {
      batch.tell(error)
      if status == 0 { stage.dialogue.note(ExitCode(failure: error)) }
    }
  }

  /// Writes the recording that is asked for.
  private func finish() throws(CallFailure) -> [Value] {
    if let text = try composition.reads.finish() { stage.dialogue.say(text) }
    return []
  }
}

/// What is known of a runbook while it runs, for its report.
private struct RunbookTrace: Sendable {
  let path: String
  let began: Date
  var floor: Double?
  let seen = LastPlan()
}

/// The last plan that was shown, and of which run.
private final class LastPlan: Sendable {
  private let last = Mutex<(Plan?, String?)?>(nil)

  var value: (Plan?, String?)? { last.withLock { $0 } }

  func note(_ plan: Plan?, of run: String?) { last.withLock { $0 = (plan, run) } }
}

/// The reports of one process.
final class Reports: Sendable {
  private let reports = Mutex<[RunReport]>([])

  var all: [RunReport] { reports.withLock { $0 } }

  func add(_ report: RunReport) { reports.withLock { $0.append(report) } }
}
