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
  nonisolated func time() async throws(CallFailure) -> Int {
    try await run.clock("time", planned: moment) { Int($0.now().timeIntervalSince1970) }
  }

  /// Goes on although a condition could not be checked.
  func assume(_ message: String, at path: String) {
    remark("cannot be checked before it runs: \(message)")
  }
}
