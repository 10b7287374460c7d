/// Why a pseudo-terminal test cannot go on; holds what the screen showed.
package enum PseudoTerminalError: Error, CustomStringConvertible {
  case system(call: String, code: Int32)
  case notSeen(String, screen: String, transcript: String)
  case stillRunning(screen: String)

  /// What was waited for and what the screen showed instead.
  package var description: String {
    switch self {
    case .system(let call, let code): "\(call) failed with errno \(code)"
    case .notSeen(let text, let screen, let transcript):
      "never saw \(text.debugDescription) on:\n\(screen)\n--- everything printed:\n\(transcript)"
    case .stillRunning(let screen): "still running, showing:\n\(screen)"
    }
  }
}
