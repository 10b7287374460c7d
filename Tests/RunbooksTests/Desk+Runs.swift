import Journal
import PrimitiveKit
import Synchronization
import Testing

@testable import RunbookHeader
@testable import Runbooks
@testable import Runs

/// How a run ended, and under which id.
struct Ending {
  var run = ""
  var value = Value.null
  var plan: Plan?
  var failure: CallFailure?
  var exitCode: ExitCode?
}

extension Desk {
  /// A runbook whose `run` has this body.
  static func book(_ run: String, _ header: String = "") -> String {
    "return { version = '1.0.0', effects = { 'changes' }, \(header) run = function(job, args, found) \(run) end }"
  }

  /// Starts a runbook and says how it ended.
  func start(
    _ source: String,
    _ start: RunbookStart = RunbookStart(),
    arguments: [String: Value] = [:],
    name: String = "test"
  ) async throws -> Ending {
    var ending = Ending()
    let id = Ending.Box()
    var start = start
    start.onPlan = { plan, run in id.set(run, plan) }
    do throws(CallFailure) {
      let book = try await engine.catalog.load(source, path: "\(directory)/\(name).lua")
      let bound = try RunbookParameters(book.header, path: book.path).bind(values: arguments)
      let result = try await engine.start(book, bound, start)
      ending.value = result.value
      ending.exitCode = result.exitCode
    } catch {
      ending.failure = error
    }
    (ending.run, ending.plan) = id.get()
    return ending
  }

  /// Runs a body as a runbook.
  func run(_ body: String, _ header: String = "", _ start: RunbookStart = RunbookStart()) async throws -> Ending {
    try await self.start(Desk.book(body, header), start)
  }

  /// Plans a body and nothing else.
  func plan(_ body: String, _ header: String = "") async throws -> Ending {
    try await run(body, header, RunbookStart(isDry: true))
  }

  func resume(_ id: String, withNew source: String? = nil) async -> Ending {
    await ending { () throws(CallFailure) in try await engine.resume(id, withNew: source) }
  }

  func rollback(_ id: String, isConfirmed: Bool = true, isMarking: Bool = false) async -> Ending {
    await ending { () throws(CallFailure) in
      try await engine.rollback(id, isConfirmed: isConfirmed, isMarking: isMarking)
    }
  }

  func ending(_ body: () async throws(CallFailure) -> RunbookResult) async -> Ending {
    var ending = Ending()
    do throws(CallFailure) {
      let result = try await body()
      ending.run = result.run
      ending.value = result.value
      ending.exitCode = result.exitCode
    } catch {
      ending.failure = error
    }
    return ending
  }

  /// How something failed; nil when it did not.
  func failure(_ body: () async throws(CallFailure) -> Void) async -> CallFailure? {
    do throws(CallFailure) {
      try await body()
      return nil
    } catch {
      return error
    }
  }

  /// The run that Ctrl-C would stop.
  func engineRun() async -> Run? { interrupts.running.first }

  /// How the journal says a run stands.
  func state(_ id: String) async throws -> RunState { try await journal.run(id).state }
}

extension Ending {
  /// Takes what a callback hands over.
  final class Box: Sendable {
    private let content = Mutex<(String, Plan?)>(("", nil))
    func set(_ run: String, _ plan: Plan) { content.withLock { $0 = (run, plan) } }
    func get() -> (String, Plan?) { content.withLock { $0 } }
  }
}

extension ProcessIdentity {
  /// Processes that are gone, so that their runs can be taken up.
  static let anna = gone("anna", 4_000_001)
  static let ben = gone("ben", 4_000_002)

  /// A process that lives as long as the test.
  static let alive: ProcessIdentity = {
    var identity = gone("clara", 0)
    let current = ProcessIdentity.current(version: "0.1.0", digest: "d1")
    (identity.pid, identity.startTicks) = (current.pid, current.startTicks)
    return identity
  }()

  private static func gone(_ name: String, _ pid: Int) -> ProcessIdentity {
    ProcessIdentity(
      operatorName: name,
      user: name,
      host: "desk",
      boot: "boot-1",
      pid: pid,
      startTicks: 99,
      tty: "/dev/pts/\(pid)",
      opshVersion: "0.1.0",
      opshDigest: "d1"
    )
  }
}
