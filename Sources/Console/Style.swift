/// Colours for a terminal, or none.
package struct Style: Sendable {
  package let isColored: Bool

  package init(isColored: Bool) { self.isColored = isColored }

  /// Whether colours are wanted: a terminal that has them and nobody who declined (no-color.org, `TERM=dumb`).
  package static func wantsColor(isTerminal: Bool, environment: [String: String]) -> Bool {
    isTerminal && environment["NO_COLOR", default: ""].isEmpty && !["dumb", ""].contains(environment["TERM"] ?? "")
  }

  func red(_ text: String) -> String { paint(text, "31") }
  func bold(_ text: String) -> String { paint(text, "1") }
  func dim(_ text: String) -> String { paint(text, "2") }

  private func paint(_ text: String, _ code: String) -> String {
    isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
