import Foundation
import Glibc
import Synchronization
import Testing

/// An opsh that is stopped in the middle and goes on when told.
final class Sleeper: Sendable {
  private let work: Task<Prey.Outcome, any Error>
  private let file: String
  private let isOver: IsOver

  private final class IsOver: Sendable { let value = Mutex(false) }

  /// Starts opsh, to be stopped when it is about to send something after a sync of its journal.
  init(_ prey: Prey, _ words: [String], after sync: Int) {
    let file = prey.directory + "/stopped"
    try? FileManager.default.removeItem(atPath: file)
    let isOver = IsOver()
    self.file = file
    self.isOver = isOver
    work = Task {
      defer { isOver.value.withLock { $0 = true } }
      return try await prey.opsh(words, harm: .stop(after: sync, telling: file))
    }
  }

  /// Waits until it is stopped; false when it came to its end instead.
  func isAsleep() async throws -> Bool {
    while !FileManager.default.fileExists(atPath: file) {
      if isOver.value.withLock({ $0 }) { return FileManager.default.fileExists(atPath: file) }
      try await Task.sleep(for: .milliseconds(10))
    }
    return true
  }

  /// Lets it go on, and answers how it ended.
  func wake() async throws -> Prey.Outcome {
    let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
    if let pid = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)) { kill(pid, SIGCONT) }
    return try await work.value
  }
}
