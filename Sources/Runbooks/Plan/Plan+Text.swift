import Journal
import PrimitiveKit

extension Plan {
  /// The screen a person confirms: at most 24 lines (G-04).
  package func render(columns: Int, now: Int) -> String {
    let width = max(40, columns - 22)
    var rows: [(String, String)] = [
      ("Runbook", "\(runbook.name) \(runbook.version) (\(runbook.sha256.prefix(12))), site \(site)"),
      ("Arguments", argumentWords),
    ]
    if let names = siteArguments { rows.append(("  of the site", names.joined(separator: ", "))) }
    rows.append(("Hosts", hosts.isEmpty ? "none" : "\(hosts.count): \(NameSet(names: hosts).folded)"))
    rows += (notes ?? []).prefix(4).map { ("Note", $0) }
    rows += stepRows
    rows.append(("Changes", changeWords))
    rows.append(("Exactness", exactnessWords))
    for point in inexact.prefix(3) { rows.append(("  guess", "\(point.place): \(point.what)\(point.assumedWords)")) }
    if let unseen { rows.append(("  not seen", unseen)) }
    if !irreversible.isEmpty { rows.append(("Not undone", irreversibleWords)) }
    rows.append(("Lock", conflicts.isEmpty ? lockWords : "\(lockWords); held: \(conflicts.joined(separator: "; "))"))
    rows.append(("Duration", durationWords(now)))
    rows.append(("Money at stake", "not known: no ledger here"))
    rows.append(("Plan", String(hash.prefix(16))))
    let label = rows.map(\.0.count).max() ?? 0
    var lines = ["================ plan ================"]
    for (name, words) in rows {
      // A step may need a second line; the rest of the screen stays for what follows.
      let twoLines = ["Arguments", "  guess", "  not seen", "Not undone"]
      let room = name == "Note" ? 3 : name.hasPrefix("Step") || twoLines.contains(name) ? 2 : 1
      let pieces = words.folded(width, lines: room)
      for (index, piece) in pieces.enumerated() {
        let title = index == 0 ? name : ""
        lines.append(title + String(repeating: " ", count: label - title.count + 2) + piece)
      }
    }
    lines = Array(lines.prefix(23))
    lines.append("======================================")
    return lines.joined(separator: "\n")
  }

  private var argumentWords: String {
    let fields = arguments.tableFields.sorted { $0.key < $1.key }.filter { $0.value != .null }
    return fields.isEmpty ? "none" : fields.map { "\($0.key)=\($0.value.literal)" }.joined(separator: " ")
  }

  private var stepRows: [(String, String)] {
    let outer = steps.filter { !$0.path.contains("/") }
    let shown = outer.prefix(6).enumerated().map { index, step in
      ("Step \(index + 1)", step.detail.isEmpty ? step.title : "\(step.title): \(step.detail)")
    }
    return shown + (outer.count > 6 ? [("", "and \(outer.count - 6) more steps")] : [])
  }

  private var changeWords: String {
    guard !operations.isEmpty else { return "none" }
    let kinds = Dictionary(grouping: operations, by: \.kind).map { ($0.key, $0.value.count) }
    let words = kinds.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.map { "\($0.1) × \($0.0)" }
    return "\(operations.count): \(words.joined(separator: ", "))"
  }

  private var exactnessWords: String {
    let exact = operations.count { $0.isExact }
    if unseen != nil {
      // How much follows is not known, so there is no share of it.
      let place = inexact.last { $0.assumed == nil }.map { " at \($0.place)" } ?? ""
      return "0 %: the plan stops\(place) (\(exact) of \(operations.count) changes before it predicted)"
    }
    let percent = Int((exactness * 100).rounded(.down))
    return "\(percent) % (\(exact) of \(operations.count) changes predicted)"
  }

  private var irreversibleWords: String {
    let kinds = Dictionary(grouping: irreversible, by: \.kind).map { "\($0.value.count) × \($0.key)" }.sorted()
    return "a rollback will not undo \(kinds.joined(separator: ", "))"
  }

  private var lockWords: String {
    let hosts = locks.filter { $0.hasPrefix("host/") }.map { String($0.dropFirst("host/".count)) }
    var words = locks.filter { !$0.hasPrefix("host/") }
    if !hosts.isEmpty { words.append("host/" + NameSet(names: hosts).folded) }
    return words.isEmpty
      ? "none" : words.prefix(4).joined(separator: ", ") + (words.count > 4 ? " and \(words.count - 4) more" : "")
  }

  private func durationWords(_ now: Int) -> String {
    guard let seconds else { return "not known: it has not run before" }
    let end = (now + Int(seconds)) % 86_400
    let clock = [end / 3600, end / 60 % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    return "about \(Duration.seconds(seconds).words), until \(clock) UTC"
  }
}

extension InexactPoint {
  fileprivate var assumedWords: String { assumed.map { " (assumed \($0.literal))" } ?? "" }
}

extension String {
  /// Broken between words into at most so many lines of a width; what does not fit ends in an ellipsis.
  fileprivate func folded(_ width: Int, lines most: Int) -> [String] {
    var rest = self[...]
    var lines: [String] = []
    while lines.count < most - 1, rest.count > width {
      let line = rest.prefix(width)
      let end = line.lastIndex(of: " ") ?? line.endIndex
      lines.append(String(rest[..<end]))
      rest = rest[end...].drop { $0 == " " }
    }
    return lines + [rest.count > width ? rest.prefix(width - 1) + "…" : String(rest)]
  }
}
