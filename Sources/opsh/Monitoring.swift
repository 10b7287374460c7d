import PrimitiveKit

/// How commands that monitoring systems call end when they fail themselves (DESIGN section 6).
enum Monitoring {
  /// UNKNOWN of the Monitoring Plugins Development Guidelines.
  static let unknown = ExitCode.planInexact

  /// The line that a monitoring system shows.
  static func line(_ failure: CallFailure) -> String {
    let text = [failure.message, failure.hint].compactMap { $0 }.joined(separator: "; ")
    return "UNKNOWN: \(text.split(whereSeparator: \.isNewline).joined(separator: " ").replacing("|", with: "/"))\n"
  }

  /// Whether words that cannot be read as a command line call such a command, and do not ask for opsh's own codes.
  static func isAsked(_ words: [String], _ commands: [Subcommand]) -> Bool {
    guard !words.contains("--\(SubcommandInfo.ownCodes)") else { return false }
    let options = (Options.all + commands.flatMap(\.info.options)).filter { $0.place == .option }
    let valued = Set(options.flatMap { ["--\($0.name)"] + ($0.letter.map { ["-\($0)"] } ?? []) })
    var isValue = false
    for word in words.dropFirst() {
      if isValue {
        isValue = false
      } else if word.hasPrefix("-") {
        isValue = valued.contains(word)
      } else {
        return commands.contains { $0.info.isMonitoring && $0.info.name == word }
      }
    }
    return false
  }
}
