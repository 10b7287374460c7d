import Foundation
import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

/// Hosts and databases obey locks alike: each fence is asked for the kinds that it looks after.
struct EpochFenceTests {
  private final class Kept: EpochFence {
    let kinds: Set<String>
    private let told = Mutex<[String]>([])

    init(_ kind: String) { kinds = [kind] }

    var calls: [String] { told.withLock { $0 } }

    private func tell(_ what: String, _ scopes: [LockScope]) {
      told.withLock { $0.append("\(what) \(scopes.map(\.description).joined(separator: " "))") }
    }

    func fence(_ scopes: [LockScope], epoch: Int, journal: String, in surroundings: Surroundings) async -> [LockScope] {
      tell("fence", scopes)
      return scopes
    }

    func epochs(of scopes: [LockScope], in surroundings: Surroundings) async -> SeenEpochs {
      tell("epochs", scopes)
      return SeenEpochs(seen: [scopes[0]: 5], silent: Set(scopes.dropFirst()))
    }

    func reset(
      _ scopes: [LockScope],
      to epoch: Int,
      journal: String,
      in surroundings: Surroundings
    ) async -> [LockScope: CallFailure] {
      tell("reset \(epoch)", scopes)
      return [scopes[0]: CallFailure(.unavailable, code: "test.away", message: "away")]
    }
  }

  private let surroundings = Surroundings(
    world: World(
      mode: .live,
      clock: ManualClock(),
      now: { Date(timeIntervalSince1970: 0) },
      drawSeed: { 1 },
      transport: ScriptedTransport { _, _ in .ended(0) }
    ),
    dialogue: RecordingDialogue(),
    options: SessionOptions()
  )

  @Test func `each kind goes to its own fence, and what nothing keeps an epoch of to none`() async throws {
    let (hosts, databases) = (Kept("host"), Kept("database"))
    let fences = EpochFences([hosts, databases], in: surroundings)
    let scopes = ["host/web1", "environment/demo", "database/rocky", "host/web2", "host/web1"].compactMap {
      LockScope($0)
    }
    #expect(fences.kept(scopes).map(\.description) == ["host/web1", "database/rocky", "host/web2"])
    let left = await fences.fence(scopes, epoch: 3, journal: "j")
    #expect(left.map(\.description) == ["host/web1", "database/rocky", "host/web2"])
    let seen = await fences.epochs(of: scopes)
    #expect(seen.seen.mapValues { $0 }.keys.map(\.description).sorted() == ["database/rocky", "host/web1"])
    #expect(seen.silent.map(\.description) == ["host/web2"])
    let failures = await fences.reset(scopes, to: 4, journal: "j")
    #expect(failures.keys.map(\.description).sorted() == ["database/rocky", "host/web1"])
    #expect(hosts.calls == ["fence host/web1 host/web2", "epochs host/web1 host/web2", "reset 4 host/web1 host/web2"])
    #expect(databases.calls == ["fence database/rocky", "epochs database/rocky", "reset 4 database/rocky"])
  }

  @Test func `an intent is no lock on the thing itself`() async throws {
    let fences = EpochFences([Kept("host")], in: surroundings)
    #expect(fences.kept([LockScope(path: ["host", "web1"], mode: .intentExclusive)]).isEmpty)
    #expect(EpochFences().kept([.host("web1")]).isEmpty)
  }

  @Test func `a lock on what is not there is refused with the nearest name`() throws {
    let kinds = LockKinds([
      LockKind("environment") { _ in ["demo", "staging"] },
      LockKind("environment", "system") { _ in ["demo", "staging"] },
      LockKind("database") { _ in [] }, LockKind("endpoint"),
    ]).known(in: surroundings)
    for text in ["fleet", "environment/demo", "environment/demo/system/rocky", "endpoint/anything"] {
      try kinds.check(try #require(LockScope(text)))
    }
    let cases = [
      ("environment/dmeo", "no environment is called 'dmeo'", "did you mean 'demo'?"),
      ("environment/prod", "no environment is called 'prod'", "known: demo,staging"),
      ("environment/prod/system/rocky", "no environment is called 'prod'", "known: demo,staging"),
      ("database/rocky", "no database is called 'rocky'", "the site has no databases"),
      ("databse/rocky", "'databse/rocky' cannot be locked", nil),
    ]
    for (text, message, hint) in cases {
      let scope = try #require(LockScope(text))
      let failure = #expect(throws: CallFailure.self) { try kinds.check(scope) }
      #expect(failure?.message == message)
      if let hint { #expect(failure?.hint == hint) }
    }
  }
}
