import Foundation
import Journal
import PrimitiveKit
import Runs

extension Job {
  /// Says something and puts it into the run's timeline.
  nonisolated func note(_ text: String, at path: String) async throws(CallFailure) {
    switch mode {
    case .collecting: return
    case .dry: await remark(text)
    case .live:
      let count = await count("note", at: path)
      // Once, however often the run is resumed.
      _ = try await run.recorded("note~\(count)", at: path) { () async throws(CallFailure) in
        questions.dialogue.say("  \(text)")
        try await journal?.note(run: run.id, text: path.isEmpty ? text : "\(path): \(text)")
        return text
      }
    }
  }

  /// Seconds since 1970, the same again when the run is resumed; in a plan always the one moment it is made for.
  nonisolated func time(at path: String) async throws(CallFailure) -> Int {
    let count = await count("time", at: path)
    let world = run.world
    // A loop that waits by the clock must end in a plan, too.
    let moment = count <= 1000 ? moment : nil
    return try await run.recorded("time~\(count)", at: path) { () async throws(CallFailure) in
      moment ?? Int(world.now().timeIntervalSince1970)
    }
  }

  /// Goes on although a condition could not be checked.
  func assume(_ message: String, at path: String) {
    remark("cannot be checked before it runs: \(message)")
  }
}
