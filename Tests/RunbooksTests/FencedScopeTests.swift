import Journal
import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

@testable import Runs

/// Whoever takes over an expired lock tells every host that it covers, however the lock is written.
struct FencedScopeTests {
  let stage = Stage()

  /// web1 and web2 are live, web3 is in no environment.
  private static let scopes = SiteScopes(all: { ["web1", "web2", "web3"] }) { hosts in
    let isLive = hosts.contains { $0 != "web3" }
    return (isLive ? [LockScope(path: ["environment", "live"], mode: .intentExclusive)] : [])
      + hosts.map { LockScope(path: ["host", $0]) }
  }

  private func registry(_ desk: Desk, _ identity: ProcessIdentity, told: Told) -> RunRegistry {
    RunRegistry(
      journal: desk.journal,
      locks: RunLocks(
        store: LockStore(desk.journal),
        holder: LockHolder(identity),
        clock: ContinuousClock(),
        timing: .standard,
        patience: .zero,
        dialogue: RecordingDialogue()
      ),
      coding: OperationCoding(kinds: []),
      dialogue: RecordingDialogue(),
      site: Self.scopes,
      fences: EpochFences(
        [told],
        in: Surroundings(world: stage.world, dialogue: RecordingDialogue(), options: SessionOptions())
      )
    )
  }

  /// Hosts that note what they are told.
  private final class Told: EpochFence {
    let hosts = Mutex<[String]>([])
    let kinds: Set<String> = ["host"]

    func fence(_ scopes: [LockScope], epoch: Int, journal: String, in surroundings: Surroundings) async -> [LockScope] {
      hosts.withLock { $0 += scopes.map { $0.path[1] } }
      return []
    }

    func epochs(of scopes: [LockScope], in surroundings: Surroundings) async -> SeenEpochs { SeenEpochs() }

    func reset(
      _ scopes: [LockScope],
      to epoch: Int,
      journal: String,
      in surroundings: Surroundings
    ) async -> [LockScope: CallFailure] { [:] }
  }

  @Test(
    arguments: [
      ("environment/live", ["web1", "web2"]), ("fleet", ["web1", "web2", "web3"]), ("host/web3", ["web3"]),
      ("database/books", []),
    ] as [(String, [String])]
  )
  func `a lock that was taken over is told to the hosts it covers`(scope: String, hosts: [String]) async throws {
    let desk = try await stage.desk()
    let scopes = [try #require(LockScope(scope))]
    let (first, second) = (Told(), Told())
    let lost = try await registry(desk, .anna, told: first).lock(scopes, run: "r1", name: "first", hosts: [])
    stage.time.advance(by: 600)
    let taken = try await registry(desk, .ben, told: second).lock(scopes, run: "r2", name: "second", hosts: [])
    #expect(first.hosts.withLock { $0 } == [])
    #expect(second.hosts.withLock { $0.sorted() } == hosts)
    await taken.release()
    await lost.release()
  }
}
