import Foundation
import Journal
import JournalPrimitives
import JournalSQLite
import LuaRuntime
import OpshTesting
import PrimitiveKit
import Synchronization

@testable import Runbooks
@testable import Runs

/// What the processes of one test share: hosts, a journal's file, the time.
final class Stage: Sendable {
  let fleet = PretendFleet()
  let directory: String
  let time = Time()
  let processes = Processes()
  /// What a gate says; without one there is none.
  let gate = Mutex<(@Sendable (GatePoint) -> GuardAnswer)?>(nil)
  private let seeds = Counter()

  init() {
    // In memory where there is such a directory: what these tests lose is never a machine.
    let memory = "/dev/shm/"
    let parent = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
    directory = parent + "opsh-engine-\(UUID().uuidString)"
    try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  func advance(by seconds: Int64) { time.advance(by: seconds) }

  var world: World { world(clock: ContinuousClock()) }

  func world(clock: any Clock<Duration>) -> World {
    // Nothing that lives on in a process may hold the stage, which is cleared when its test is over.
    let (time, seeds) = (time, seeds)
    let world = World(
      mode: .live,
      clock: clock,
      now: { Date(timeIntervalSince1970: Double(time.now) / 1000) },
      drawSeed: { UInt64(seeds.next()) &* 0x9E37_79B9_7F4A_7C15 &+ 1 },
      transport: fleet.transport
    )
    guard let answer = gate.withLock({ $0 }) else { return world }
    var domain = Domain("pretend")
    domain.gates = [PretendGate(answer: answer)]
    let bare = Surroundings(world: world, dialogue: RecordingDialogue(), options: SessionOptions())
    return (try? DomainSet([domain]).guarding(bare).world) ?? world
  }

  private struct PretendGate: Gate {
    let name = "pretend"
    let answer: @Sendable (GatePoint) -> GuardAnswer

    func judge(_ point: GatePoint, in surroundings: Surroundings) async -> GuardAnswer { answer(point) }
  }

  /// Begins a process that works with this journal; its Lua has the primitives about runs where that is asked for.
  func desk(
    _ identity: ProcessIdentity = .anna,
    answers: [String?] = [],
    dialogue: (any Dialogue)? = nil,
    yes: Bool = true,
    dry: Bool = false,
    clock: any Clock<Duration> = ContinuousClock(),
    site: String = "demo",
    admission: any PlanAdmission = Everybody(),
    hasPrimitives: Bool = false,
    fences: EpochFences = EpochFences()
  ) async throws -> Desk {
    try await Desk(
      self,
      identity,
      dialogue ?? RecordingDialogue(answers: answers),
      SessionOptions(isDryRun: dry, assumesYes: yes),
      clock,
      site,
      admission,
      hasPrimitives,
      fences
    )
  }
}

/// The pretend processes of a test: one whose journal takes no more writes has died.
final class Processes: Sendable {
  private let journals = Mutex<[Int: [MortalDatabase]]>([:])

  func began(_ pid: Int, _ journal: MortalDatabase) { journals.withLock { $0[pid, default: []].append(journal) } }

  func isGone(_ holder: LockHolder) -> Bool {
    journals.withLock { $0[holder.pid] }?.contains { $0.isDead } ?? false
  }
}

/// The wall clock of a test, in milliseconds since 1970.
final class Time: Sendable {
  private let value = Mutex<Int64>(1_700_000_000_000)

  var now: Int64 { value.withLock { $0 } }

  func advance(by seconds: Int64) { value.withLock { $0 += seconds * 1000 } }
}

/// Admits every plan.
struct Everybody: PlanAdmission {
  func admit(_ plan: Plan, run: String, effects: Set<Effect>) async throws(CallFailure) {}
}

/// One process at work: an engine with its own Lua, on the journal of the stage.
struct Desk {
  let engine: RunbookEngine
  let lua: LuaEngine
  let journal: Journal
  let database: MortalDatabase
  let dialogue: any Dialogue
  let rollouts = PretendRollouts()
  let notices = Lines()
  let directory: String
  let interrupts: RunbookInterrupts

  init(
    _ stage: Stage,
    _ identity: ProcessIdentity,
    _ dialogue: any Dialogue,
    _ options: SessionOptions,
    _ clock: any Clock<Duration>,
    _ site: String,
    _ admission: any PlanAdmission,
    _ hasPrimitives: Bool,
    _ fences: EpochFences
  ) async throws {
    directory = stage.directory
    self.dialogue = dialogue
    let file = try await SQLiteDatabase.open("\(stage.directory)/journal", now: { [time = stage.time] in time.now })
    database = MortalDatabase(file)
    stage.processes.began(identity.pid, database)
    journal = try await Journal.open(database, identity: identity)
    let inexact = InexactPoints()
    let interrupts = RunbookInterrupts(dialogue: dialogue)
    self.interrupts = interrupts
    let registry = RunRegistry(
      journal: journal,
      locks: RunLocks(
        store: LockStore(journal, isGone: { [processes = stage.processes] in processes.isGone($0) }),
        holder: LockHolder(identity),
        // Tests move the clock of their runbooks by minutes at once.
        clock: ContinuousClock(),
        timing: .standard,
        patience: .zero,
        dialogue: dialogue
      ),
      coding: OperationCoding(kinds: [Mark.self, Unmark.self, Shot.self], texts: journal.texts),
      dialogue: dialogue,
      site: SiteScopes { hosts in hosts.map { LockScope(path: ["host", $0]) } },
      fences: fences
    )
    let (rollouts, folder) = (rollouts, stage.directory)
    let runs = RunSetting(
      registry: RegistryOpener { () throws(CallFailure) in registry },
      world: stage.world(clock: clock),
      dialogue: dialogue,
      options: options,
      interrupts: interrupts,
      site: SiteView(
        name: site,
        hosts: { selector throws(CallFailure) in [selector] },
        scopes: { hosts in hosts.map { LockScope(path: ["host", $0]) } }
      ),
      notify: { [notices] in notices.add("\($0.waiting) s: \($0.text)") }
    )
    let catalog = { (engine: Bound<RunbookEngine>) throws(CallFailure) -> Catalog in
      try Catalog(
        PretendPrimitives.all(stage.fleet) + JobPrimitives.all + RunbookPrimitives(engine).all
          + JournalPrimitives(runs).all + SetPrimitives.all(resolver: { nil })
      )
    }
    let parts = { (catalog: Catalog) throws(CallFailure) -> Parts in
      let configuration = LuaConfiguration(moduleRoots: ["\(folder)/lua"], inexact: { inexact.add($0) })
      let lua = try LuaEngine(catalog: catalog, configuration: configuration)
      let setting = RunbookSetting(
        runs: runs,
        engine: lua,
        rollouts: rollouts,
        folders: [folder],
        opshVersion: "0.1.0",
        plugins: [:],
        inexact: inexact,
        approvals: admission,
        call: { name, arguments throws(CallFailure) in
          guard let primitive = catalog[name] else { throw CallFailure(.failed, code: "test.none", message: name) }
          return try await primitive.call([arguments])
        }
      )
      return Parts(lua: lua, engine: RunbookEngine(setting))
    }
    // The primitives hold the engine, and the engine the Lua that has them: only where a test calls them.
    let made: Parts
    if hasPrimitives {
      made = try tie({ (parts: Bound<Parts>) throws(CallFailure) in try catalog(parts.map(\.engine)) }, to: parts).1
    } else {
      made = try parts(try catalog(Bound(failing: .cancelled)))
    }
    lua = made.lua
    engine = made.engine
  }

  private struct Parts: Sendable {
    let lua: LuaEngine
    let engine: RunbookEngine
  }

  /// What was said, as one text.
  var text: String { (dialogue as? RecordingDialogue)?.text ?? "" }
}
