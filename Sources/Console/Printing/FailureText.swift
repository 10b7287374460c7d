package import PrimitiveKit
import Reference

/// Shows a failure: where and what, the hint, and how the script got there when that helps.
package enum FailureText {
  /// Lines for a person, the headline in red when colours are on; broken between words with a width in columns.
  ///
  /// `steps` put the advice as it is typed where it is read.
  package static func lines(
    _ failure: CallFailure,
    style: Style,
    columns: Int? = nil,
    steps: NextSteps = NextSteps([], isPrompt: false)
  ) -> [String] {
    let fold = { (text: String) in columns.map { WrappedText.folded(text, within: $0) } ?? text }
    // What a host said may stand in it.
    var lines = fold(steps.saidIn(headline(failure)).harmless).split(separator: "\n", omittingEmptySubsequences: false)
      .map { style.red(String($0)) }
    if let hint = failure.hint { lines += self.lines(hint: steps.adapted(hint).harmless).map(fold) }
    // One level is where it happened: the headline says so already.
    if failure.trace.count > 1 { lines += failure.trace.dropFirst().map { style.dim("  called from \($0)".harmless) } }
    return lines
  }

  /// The last line is the advice; what stands above it shows the place.
  private static func lines(hint: String) -> [String] {
    let lines = hint.split(separator: "\n", omittingEmptySubsequences: false)
    let place = lines.count > 2 ? lines.dropLast() : lines.count == 2 ? lines : []
    return place.map { "  \($0)" } + (lines.count == 2 ? [] : ["  hint: \(lines.last ?? "")"])
  }

  /// The event of `--json`.
  package static func event(_ failure: CallFailure) -> SessionEvent {
    var fields: [String: Value] = [
      "code": .string(failure.code), "class": .string(failure.failureClass.rawValue),
      "message": .string(failure.message),
    ]
    if let hint = failure.hint { fields["hint"] = .string(hint) }
    if !failure.trace.isEmpty { fields["trace"] = .array(failure.trace.map { .string($0) }) }
    return SessionEvent("error", fields)
  }

  private static func headline(_ failure: CallFailure) -> String {
    // Where a cancellation struck is chance.
    guard let place = failure.trace.first.map(location), failure.mark != .cancelled,
      !failure.message.hasPrefix(place)
    else {
      return failure.message
    }
    return "\(place): \(failure.message)"
  }

  /// The `file:line` of a line of a trace, which may end with ` in name`.
  private static func location(_ line: String) -> String {
    line.firstRange(of: " in ").map { String(line[..<$0.lowerBound]) } ?? line
  }
}
