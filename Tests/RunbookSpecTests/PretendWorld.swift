import Foundation
import OpshTesting
import PrimitiveKit
import Runs
import Synchronization

/// The world of a spec: no hosts, and time that passes at once.
enum PretendWorld {
  static let hosts = ["web1", "web2", "web3"]

  static var world: World {
    World(
      mode: .live,
      clock: HastyClock(),
      now: { Date(timeIntervalSince1970: 1_795_262_400) },
      drawSeed: { UInt64.random(in: 0 ... .max) },
      transport: NoHosts()
    )
  }

  /// What the declarations of primitives about the journal need: there is none behind it.
  static var runs: RunSetting {
    let dialogue = RecordingDialogue()
    return RunSetting(
      registry: RegistryOpener { () throws(CallFailure) in throw .cancelled },
      world: world,
      dialogue: dialogue,
      options: SessionOptions(),
      interrupts: RunbookInterrupts(dialogue: dialogue),
      site: site
    )
  }

  /// Three hosts with a bot each; `all` is every one of them.
  static var site: SiteView {
    SiteView(
      name: "pretend",
      hosts: { selector throws(CallFailure) in
        guard selector != "all" else { return hosts }
        do throws(NameSetError) {
          let names = try NameSet(parsing: selector, resolver: nil, requiringMatches: false)
          return hosts.filter { names.contains($0) || names.contains($0.replacing("web", with: "bot")) }
        } catch {
          throw CallFailure(.failed, code: "selector.syntax", message: error.message)
        }
      },
      scopes: { names in names.compactMap { LockScope("host/\($0)") } }
    )
  }
}

/// A clock on which every sleep is over at once, and has taken its time.
struct HastyClock: Clock {
  typealias Instant = ContinuousClock.Instant

  private final class Offset: Sendable {
    private let value = Mutex(Duration.zero)
    func add(_ duration: Duration) { value.withLock { $0 += max(duration, .zero) } }
    var duration: Duration { value.withLock { $0 } }
  }

  private let offset = Offset()

  var now: Instant { ContinuousClock.now.advanced(by: offset.duration) }
  var minimumResolution: Duration { .zero }

  func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    try Task.checkCancellation()
    await Task.yield()
    offset.add(now.duration(to: deadline))
  }
}

/// Refuses everything: a spec that reaches for a host is wrong.
private struct NoHosts: Transport {
  func execute(_ request: CommandRequest, on host: HostAddress) async throws(TransportError) -> CommandResult {
    throw .unreachable(host: host.name, reason: "a spec has no hosts", hint: nil)
  }

  func put(_ file: FileUpload, on host: HostAddress) async throws(TransportError) {
    throw .unreachable(host: host.name, reason: "a spec has no hosts", hint: nil)
  }
}
