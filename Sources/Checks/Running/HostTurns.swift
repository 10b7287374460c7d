import PrimitiveKit
import Synchronization

/// Lets checks ask one host only so much at once, first come, first served.
final class HostTurns: Sendable {
  /// Commands at once on one host: half of the channels that a connection has.
  static let limit = 4

  private struct Door {
    var inside = 0
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let doors = Mutex<[String: Door]>([:])

  /// Does some work in one of the host's turns; who waits keeps its place, cancelled or not.
  func taking<Answer: Sendable>(_ host: String, _ work: () async -> Answer) async -> Answer {
    await withCheckedContinuation { turn in
      let isFree = doors.withLock { doors in
        var door = doors[host] ?? Door()
        let isFree = door.inside < HostTurns.limit
        if isFree { door.inside += 1 } else { door.waiting.append(turn) }
        doors[host] = door
        return isFree
      }
      if isFree { turn.resume() }
    }
    let answer = await work()
    // The turn passes from hand to hand, so nobody slips in between.
    let next = doors.withLock { doors -> CheckedContinuation<Void, Never>? in
      guard doors[host]?.waiting.isEmpty == false else {
        doors[host]?.inside -= 1
        return nil
      }
      return doors[host]?.waiting.removeFirst()
    }
    next?.resume()
    return answer
  }
}

extension Surroundings {
  private enum HostTurnsKey: SurroundingsKey {
    static var fallback: HostTurns { HostTurns() }
  }

  /// Whose turn it is on which host.
  var hostTurns: HostTurns {
    get { self[HostTurnsKey.self] }
    set { self[HostTurnsKey.self] = newValue }
  }
}
