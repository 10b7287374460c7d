import Dispatch
import LuaRuntime
import Synchronization

/// Looks up names of Lua for completion, which asks from the editor's thread and cannot wait long.
struct NameSnapshot: Sendable {
  /// The longest a pressed key waits for Lua.
  private static let patience = DispatchTimeInterval.milliseconds(50)

  private let engine: LuaEngine

  init(_ engine: LuaEngine) { self.engine = engine }

  /// The names under a dotted path, or none when Lua is too busy to answer.
  @Sendable func names(under path: String) -> [String] {
    let answer = Answer()
    Task.detached { [engine] in
      answer.give(await engine.names(under: path.split(separator: ".").map(String.init)))
    }
    return answer.wait(Self.patience)
  }

  /// One answer that a thread waits for; never a thread of the shared pool.
  private final class Answer: Sendable {
    private let names = Mutex<[String]>([])
    private let arrival = DispatchSemaphore(value: 0)

    func give(_ found: [String]) {
      names.withLock { $0 = found }
      arrival.signal()
    }

    func wait(_ patience: DispatchTimeInterval) -> [String] {
      _ = arrival.wait(timeout: .now() + patience)
      return names.withLock { $0 }
    }
  }
}
