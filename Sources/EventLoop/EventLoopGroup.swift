import Glibc
import Synchronization

/// A few event loops that share the work.
package struct EventLoopGroup: Sendable {
  /// The loops, at least one.
  package let loops: [EventLoop]
  private let turn = Turn()

  /// Starts loops: by default one per core, at most 4.
  ///
  /// Beyond a few, loops only compete with the servers and the Lua thread (bench: 1 thread serves 178 hosts in 0.1 s of CPU).
  package init(count: Int? = nil) {
    let cores = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    loops = (0..<max(1, count ?? min(cores, 4))).map { EventLoop(name: "opsh-loop-\($0)") }
  }

  /// The loops every part of the process shares; never stopped.
  package static let shared = EventLoopGroup()

  /// The next loop in turn.
  package func next() -> EventLoop {
    loops[Int(turn.count.wrappingAdd(1, ordering: .relaxed).newValue % UInt(loops.count))]
  }

  /// The loop of a key: the same one every time.
  package func loop(for key: some Hashable) -> EventLoop {
    loops[Int(UInt(bitPattern: key.hashValue) % UInt(loops.count))]
  }

  /// Stops every loop.
  package func stop() {
    for loop in loops { loop.stop() }
  }

  private final class Turn: Sendable {
    let count = Atomic<UInt>(0)
  }
}
