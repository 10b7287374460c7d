import PrimitiveKit
import Testing

@testable import Journal

struct RunTests {
  let scratch = JournalScratch()

  @Test func `a run is read as it was begun`() async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("20261121-114502-6ca32b16")
    let run = try await journal.run("20261121-114502-6ca32b16")
    #expect(run.name == "deploy")
    #expect(run.runbook?.version == "1.2.0")
    #expect(run.arguments == .table(["speed": .string("routine"), "count": .int(2)]))
    #expect(run.hosts == ["web1", "web2"])
    #expect(run.planHash == "plan-1")
    #expect(run.epoch == 7)
    #expect(run.identity == .anna)
    #expect(run.startedAt == 1_000_000)
    #expect(run.endedAt == nil)
  }

  @Test func `an end is kept with its reason, exit code and time`() async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("r1")
    scratch.advance(by: 5000)
    try await journal.update("r1", state: .halted, reason: "3 hosts failed", exitCode: 2)
    let run = try await journal.run("r1")
    #expect(run.state == .halted)
    #expect(run.stateReason == "3 hosts failed")
    #expect(run.exitCode == 2)
    #expect(run.endedAt == 1_005_000)
  }

  @Test func `a resume puts its own process, epoch and claim in place`() async throws {
    try await scratch.journal().beginDeploy("r1", claim: "c1")
    let journal = try await scratch.journal(.ben)
    try await journal.update("r1", state: .interrupted, reason: "signal", exitCode: 5)
    try await journal.take("r1", epoch: 8, claim: nil)
    let run = try await journal.runs(RunFilter(states: nil))[0]
    #expect(run.epoch == 8)
    #expect(run.claim == nil)
    #expect(run.identity == .ben)
    #expect(run.endedAt == nil)
    #expect(run.exitCode == nil)
  }

  // It was stopped for long, and comes back with an old word.
  @Test(arguments: [RunState.running, .ok])
  func `a process that another one replaced writes nothing into its run any more`(state: RunState) async throws {
    func process(_ pid: Int) -> ProcessIdentity {
      var identity = ProcessIdentity.anna
      identity.pid = pid
      return identity
    }
    let old = try await scratch.journal(process(1))
    try await old.beginDeploy("r1", claim: "c1")
    try await old.beginStep(run: "r1", path: "a", argumentsHash: "h", attempt: 1)
    let new = try await scratch.journal(process(2))
    // The lease is gone, so whoever wants the run has it; in the end it may have ended, too, or its process be gone.
    try await new.take("r1", epoch: 8, claim: "c2")
    if state != .running { try await new.update("r1", state: state, reason: nil, exitCode: 0) }
    let ended = await code { () async throws(CallFailure) in
      try await old.update("r1", state: .interrupted, reason: "the lock is lost", exitCode: 5)
    }
    let begun = await code { () async throws(CallFailure) in
      try await old.beginStep(run: "r1", path: "b", argumentsHash: "h", attempt: 1)
    }
    let closed = await code { () async throws(CallFailure) in
      try await old.endStep(run: "r1", path: "a", end: .ok(.int(1)))
    }
    let reopened = await code { () async throws(CallFailure) in try await old.reopenStep(run: "r1", path: "a") }
    let asked = await code { () async throws(CallFailure) in
      try await old.ask(run: "r1", step: "a", question: Question(id: "q", text: "?"))
    }
    #expect([ended, begun, closed, reopened, asked] == Array(repeating: "run.taken", count: 5))
    let rows = try await new.look { (session) throws(CallFailure) in
      try await session.query("SELECT state, state_reason FROM runs WHERE id = 'r1'", [])
    }
    #expect(rows.first?.map(\.text) == [state.rawValue, nil])
    #expect(try await new.steps(of: "r1").map(\.state) == [.open])
    // That it was rolled back is for anybody to say once nobody works on it.
    try await old.conclude("r1", state: .rolledBack, reason: "by r2", exitCode: 7)
    #expect(try await new.run("r1").state == .rolledBack)
  }

  @Test func `what may still be at work is found by a part of its id, and what is over is not`() async throws {
    let journal = try await scratch.journal()
    for (id, state) in [
      ("20261121-114502-0000000a", RunState.ok), ("20261121-114503-0000000b", .detached),
      ("20261121-114504-0000000c", .failed), ("20261122-114504-0000000d", .ok),
    ] {
      try await journal.beginDeploy(id)
      try await journal.update(id, state: state, reason: nil, exitCode: 0)
    }
    #expect(try await journal.unfinishedRun("20261121") == "20261121-114503-0000000b")
    #expect(try await journal.unfinishedRun("20261121-114502-0000000a") == "20261121-114502-0000000a")
    await expectFailure("run.not_found", saying: "run 20261122-114504-0000000d has ended (ok)") {
      () async throws(CallFailure) in _ = try await journal.unfinishedRun("20261122")
    }
    try await journal.beginDeploy("20261121-114505-0000000e")
    await expectFailure("run.ambiguous", saying: "2 runs") { () async throws(CallFailure) in
      _ = try await journal.unfinishedRun("20261121")
    }
  }

  @Test func `an old run that is not over is found behind any number of newer ones`() async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("20261121-114502-0000000a")
    for number in 0..<60 { try await journal.beginDeploy("20261122-1145\(number + 10)-000000\(number + 10)") }
    #expect(try await journal.unfinishedRun("20261121") == "20261121-114502-0000000a")
    try await journal.beginDeploy("20261121-114503-00000069")
    // Ambiguous: one of the newest and an old one.
    await expectFailure("run.ambiguous", saying: "2 runs") { () async throws(CallFailure) in
      _ = try await journal.unfinishedRun("20261121")
    }
  }

  @Test func `a beginning or an end names a run when no other has it`() async throws {
    let journal = try await scratch.journal()
    for id in ["20261121-114502-6ca32b16", "20261121-114503-7da32b17", "20261122-100000-000000aa"] {
      try await journal.beginDeploy(id)
    }
    #expect(try await journal.run("20261122").id == "20261122-100000-000000aa")
    #expect(try await journal.run("7da32b17").id == "20261121-114503-7da32b17")
    await expectFailure("run.ambiguous", saying: "2 runs") { () async throws(CallFailure) in
      _ = try await journal.run("20261121")
    }
    await expectFailure("run.not_found", saying: "did you mean '20261122-100000-000000aa'") {
      () async throws(CallFailure) in _ = try await journal.run("20261122-100000-000000ab")
    }
  }

  @Test(arguments: ["", "%", "'; DROP TABLE runs; --", "nothing"])
  func `an id that names no run is refused`(id: String) async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("r1")
    #expect(await code { () async throws(CallFailure) in _ = try await journal.run(id) } == "run.not_found")
    #expect(
      await code { () async throws(CallFailure) in
        try await journal.update(id, state: .ok, reason: nil, exitCode: 0)
      } == "run.not_found"
    )
  }

  @Test func `an id cannot be begun twice`() async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("r1")
    #expect(await code { () async throws(CallFailure) in try await journal.beginDeploy("r1") } == "journal.failed")
    #expect(try await journal.verify().isIntact)
  }

  @Test func `runs come newest first and can be filtered`() async throws {
    let journal = try await scratch.journal()
    for index in 1...6 {
      try await journal.beginDeploy("r\(index)")
      if index < 4 {
        try await journal.update("r\(index)", state: index == 2 ? .failed : .ok, reason: nil, exitCode: 0)
      }
      // A clock that jumps back must not change the order.
      scratch.advance(by: -1000)
    }
    try await journal.begin(RunHeader(id: "undo", name: "rollback", kind: .rollback, identity: .anna, parent: "r2"))
    #expect(try await journal.runs().map(\.id) == ["undo", "r6", "r5", "r4", "r3", "r2", "r1"])
    #expect(try await journal.runs(RunFilter(limit: 2)).map(\.id) == ["undo", "r6"])
    #expect(try await journal.runs(RunFilter(states: [.ok])).map(\.id) == ["r3", "r1"])
    #expect(try await journal.runs(RunFilter(states: [.ok, .failed], limit: 2)).map(\.id) == ["r3", "r2"])
    #expect(try await journal.runs(RunFilter(kinds: [.rollback])).map(\.id) == ["undo"])
    #expect(try await journal.runs(RunFilter(name: "deploy", limit: 1)).map(\.id) == ["r6"])
    #expect(try await journal.runs(RunFilter(parent: "r2")).map(\.id) == ["undo"])
    #expect(try await journal.runs(RunFilter(states: [])).isEmpty)
    for filter in [
      RunFilter(), RunFilter(states: [.ok, .failed], limit: 2), RunFilter(parent: "r2"), RunFilter(states: []),
    ] {
      #expect(try await journal.summaries(filter) == journal.runs(filter).map(RunSummary.init))
    }
  }

  @Test func `a running run shows as interrupted once its lease expired`() async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("r1", claim: "c1")
    try await scratch.hold("c1", until: 1_060_000)
    #expect(try await journal.run("r1").state == .running)
    scratch.advance(by: 60_000)
    #expect(try await journal.run("r1").state == .interrupted)
    #expect(try await journal.runs(RunFilter(states: [.interrupted])).map(\.id) == ["r1"])
    #expect(try await journal.runs(RunFilter(states: [.running])).isEmpty)
    let listed = try await journal.summaries(RunFilter(states: [.interrupted]))
    #expect(listed == [RunSummary(try await journal.run("r1"))])
    #expect(listed.first?.stateReason == "its lease has expired")
    #expect(try await journal.summaries(RunFilter(states: [.running])).isEmpty)
  }

  @Test func `a run without a lock shows as interrupted once its process is gone`() async throws {
    let own = ProcessIdentity.current(version: "0.1.0", digest: "")
    let journal = try await Journal.open(try await scratch.database(), identity: own)
    try await journal.beginDeploy("mine")
    #expect(try await journal.run("mine").state == .running)
    var gone = own
    gone.startTicks -= 1
    try await Journal.open(try await scratch.database(), identity: gone).beginDeploy("gone")
    #expect(try await journal.run("gone").state == .interrupted)
    // At once, however long its lease would last.
    try await Journal.open(try await scratch.database(), identity: gone).beginDeploy("locked", claim: "c1")
    try await scratch.hold("c1", until: 1_060_000)
    #expect(try await journal.run("locked").state == .interrupted)
    var far = own
    far.host = "elsewhere"
    try await Journal.open(try await scratch.database(), identity: far).beginDeploy("far")
    #expect(try await journal.run("far").state == .running)
  }

  @Test func `a run without a lock whose machine is gone is interrupted once its lease is over, and can be taken`()
    async throws
  {
    // A machine that nobody here can ask: another boot, on another host.
    var far = ProcessIdentity.current(version: "0.1.0", digest: "")
    (far.host, far.boot) = ("elsewhere", "another boot")
    let theirs = try await Journal.open(try await scratch.database(), identity: far)
    let request = LockRequest(scopes: [.run("r1")], claim: "c1", holder: LockHolder(far), run: "r1")
    guard case .granted = try await LockStore(theirs).acquire(request) else { return #expect(Bool(false)) }
    try await theirs.beginDeploy("r1", claim: "c1")
    try await theirs.record(of: "r1", claim: "c1").intend(.of("a"))

    let mine = try await Journal.open(try await scratch.database(), identity: .current(version: "0.1.0", digest: ""))
    #expect(try await mine.run("r1").state == .running)
    await expectFailure("run.taken", saying: "elsewhere") { () async throws(CallFailure) in
      try await mine.take("r1", epoch: nil, claim: "c2")
    }
    scratch.advance(by: 60_000)
    #expect(try await mine.run("r1").state == .interrupted)
    #expect(try await mine.unresolved(run: "r1").map(\.key) == ["a"])
    try await mine.take("r1", epoch: nil, claim: "c2")
    #expect(try await mine.run("r1").identity.host != "elsewhere")
  }

  // It turned a run that was rolled back into an interrupted one, to be resumed.
  @Test func `a process that wakes up late does not say how a run ended that was rolled back`() async throws {
    let old = try await scratch.journal()
    try await old.beginDeploy("r1", claim: "c1")
    scratch.advance(by: 120_000)
    let new = try await scratch.journal(.ben)
    try await new.conclude("r1", state: .rolledBack, reason: "rolled back by r2", exitCode: 7)
    await expectFailure("run.finished", saying: "has been rolled back by r2 in the meantime") {
      () async throws(CallFailure) in
      try await old.update("r1", state: .interrupted, reason: "lock lost", exitCode: 5)
    }
    let run = try await new.run("r1")
    #expect(run.state == .rolledBack && run.exitCode == 7)
  }

  @Test func `a process that was stopped for long writes nothing into a run that another took over`() async throws {
    let old = try await scratch.journal()
    try await old.beginDeploy("r1", claim: "c1")
    try await old.beginStep(run: "r1", path: "pull", argumentsHash: "h", attempt: 1)
    try await scratch.hold("c2", until: 1_060_000)
    var other = ProcessIdentity.ben
    other.pid = 4712
    let new = try await scratch.journal(other)
    try await new.take("r1", epoch: 8, claim: "c2")
    await expectFailure("run.taken", saying: "ben on desk, process 4712") { () async throws(CallFailure) in
      try await old.update("r1", state: .failed, reason: "lock lost", exitCode: 1)
    }
    await expectFailure("run.taken", saying: "4712") { () async throws(CallFailure) in
      try await old.endStep(run: "r1", path: "pull", end: .ok(.null))
    }
    await expectFailure("run.taken", saying: "4712") { () async throws(CallFailure) in
      try await old.beginStep(run: "r1", path: "swap", argumentsHash: "h", attempt: 1)
    }
    #expect(try await new.run("r1").state == .running)
    // Once nobody is live any more, somebody else may say what became of it.
    scratch.advance(by: 60_000)
    try await old.conclude("r1", state: .cancelled, reason: "given up", exitCode: nil)
  }
}
