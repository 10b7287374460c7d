import Foundation
import Journal
import JournalSQLite
import LuaRuntime
import OpshTesting
import PrimitiveKit
import RunbookHeader
import Runbooks
import Runs
import Synchronization

/// One execution of a case: the real engine and a real journal, with pretend primitives.
struct SpecRun {
  let dialogue: RecordingDialogue
  let calls: PretendCalls
  let result: Result<RunbookResult, CallFailure>
  let plan: Plan?
  /// Nil when there is no run.
  let header: RunHeader?
  let steps: [StepRow]

  static func run(_ given: SpecCase) async throws -> SpecRun {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("opsh-spec-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let database = try await SQLiteDatabase.open(
      directory.appendingPathComponent("journal").path(percentEncoded: false)
    )
    let journal = try await Journal.open(database, identity: ProcessIdentity.current(version: "0.1.0"))
    let dialogue = RecordingDialogue(answers: given.typed ?? [])
    let calls = PretendCalls(answers: given.answers, unknown: given.unknown, engine: given.spec.engine)
    let inexact = InexactPoints()
    let catalog = try Catalog(
      try calls.primitives() + JobPrimitives.all + SetPrimitives.all(resolver: { nil })
    )
    let configuration = LuaConfiguration(moduleRoots: [SpecFile.modules], inexact: inexact.add)
    let lua = try LuaEngine(catalog: catalog, configuration: configuration)
    let engine = engine(lua, journal, dialogue, inexact, assumesYes: given.typed == nil)
    let seen = Seen()
    let result = await attempt(given, engine, seen)
    let run = seen.run
    return SpecRun(
      dialogue: dialogue,
      calls: calls,
      result: result,
      plan: seen.plan,
      header: run == nil ? nil : try? await journal.run(run ?? ""),
      steps: run == nil ? [] : try await journal.steps(of: run ?? "")
    )
  }

  private static func attempt(_ given: SpecCase, _ engine: RunbookEngine, _ seen: Seen) async -> Result<
    RunbookResult, CallFailure
  > {
    do throws(CallFailure) {
      let (source, path) = try engine.catalog.find(given.spec.path)
      let book = try await engine.catalog.load(source, path: path)
      let arguments = try RunbookParameters(book.header, path: path).bind(values: given.arguments)
      var start = RunbookStart(isDry: given.isDry)
      start.onPlan = { plan, run in seen.set(plan, run) }
      return .success(try await engine.start(book, arguments, start))
    } catch {
      return .failure(error)
    }
  }

  private static func engine(
    _ lua: LuaEngine,
    _ journal: Journal,
    _ dialogue: RecordingDialogue,
    _ inexact: InexactPoints,
    assumesYes: Bool
  ) -> RunbookEngine {
    let registry = RunRegistry(
      journal: journal,
      locks: RunLocks(
        store: LockStore(journal),
        holder: LockHolder(journal.identity),
        clock: ContinuousClock(),
        timing: .standard,
        patience: .zero,
        dialogue: dialogue
      ),
      coding: OperationCoding(kinds: [PretendChange.self], texts: journal.texts),
      dialogue: dialogue,
      site: SiteScopes { hosts in hosts.map { LockScope(path: ["host", $0]) } }
    )
    return RunbookEngine(
      RunbookSetting(
        runs: RunSetting(
          registry: RegistryOpener { () async throws(CallFailure) in registry },
          world: PretendWorld.world,
          dialogue: dialogue,
          options: SessionOptions(assumesYes: assumesYes),
          interrupts: RunbookInterrupts(dialogue: dialogue),
          site: PretendWorld.site
        ),
        engine: lua,
        rollouts: PretendRollouts(),
        folders: [SpecFile.root.appendingPathComponent("runbooks").path(percentEncoded: false)],
        opshVersion: "0.1.0",
        plugins: [:],
        inexact: inexact,
        approvals: Everything(),
        call: { name, _ throws(CallFailure) in
          throw CallFailure(.failed, code: "spec.call", message: "no call of \(name)")
        }
      )
    )
  }
}

/// Admits every plan.
private struct Everything: PlanAdmission {
  func admit(_ plan: Plan, run: String, effects: Set<Effect>) async throws(CallFailure) {}
}

/// The plan and the run, as soon as there are.
private final class Seen: Sendable {
  private let both = Mutex<(plan: Plan?, run: String?)>((nil, nil))

  var plan: Plan? { both.withLock { $0.plan } }
  var run: String? { both.withLock { $0.run } }

  func set(_ plan: Plan, _ run: String) { both.withLock { $0 = (plan, run) } }
}
