/// The one line that shows how far a rollout is: `[############........] 104/178 hosts · 0 errors · 612s`.
package struct ProgressLine: Equatable, Sendable {
  /// Items that have ended, in whatever class.
  package var finished: Int
  /// Items of the frozen set that are to be changed.
  package var items: Int
  /// Failed and unhealthy items.
  package var errors: Int
  /// Items of unknown outcome; shown when there are any.
  package var unknown = 0
  /// Items that were not reached; shown when there are any.
  package var unreachable = 0
  /// What the items are called, in the plural.
  package var noun = "hosts"
  /// Seconds since the rollout began.
  package var elapsedSeconds: Int
  /// Seconds that are expected to be left; nil when unknown or done.
  package var remainingSeconds: Int?

  package init(finished: Int, items: Int, errors: Int, elapsedSeconds: Int, remainingSeconds: Int? = nil) {
    self.finished = finished
    self.items = items
    self.errors = errors
    self.elapsedSeconds = elapsedSeconds
    self.remainingSeconds = remainingSeconds
  }

  /// Cells of the bar (seed 001).
  package static let barCells = 20

  /// The line in at most `width` columns; what is least needed goes first: the time left, then cells of the bar, then the bar.
  package func text(width: Int) -> String {
    let facts = facts
    let left = remainingSeconds.map { " · ~\($0)s left" } ?? ""
    let full = "\(bar(cells: Self.barCells)) \(facts)"
    if full.count + left.count <= width { return full + left }
    if full.count <= width { return full }
    // Two brackets and a space stand around the cells.
    let cells = width - facts.count - 3
    if cells >= 4 { return "\(bar(cells: cells)) \(facts)" }
    return String(facts.prefix(max(0, width)))
  }

  private var facts: String {
    var text = "\(finished)/\(items) \(noun) · \(errors) \(errors == 1 ? "error" : "errors")"
    if unknown > 0 { text += " · \(unknown) unknown" }
    if unreachable > 0 { text += " · \(unreachable) unreachable" }
    return text + " · \(elapsedSeconds)s"
  }

  private func bar(cells: Int) -> String {
    guard items > 0 else { return "[" + String(repeating: ".", count: cells) + "]" }
    var filled = (min(finished, items) * cells * 2 + items) / (items * 2)
    // A full bar means done, and nothing less.
    if finished < items { filled = min(filled, cells - 1) }
    return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: cells - filled) + "]"
  }
}
