import Foundations
import Journal
import PrimitiveKit

extension Plan {
  /// The screen a person confirms: at most 24 lines (G-04).
  ///
  /// What decides is always on it; where there is much to say, notes and steps give way and say how many more there are.
  package func render(columns: Int, now: Int) -> String {
    let width = max(40, columns - 22)
    var lines: [String] = []
    for room in Room.all {
      lines = self.lines(room, width: width, now: now)
      if lines.count <= 22 { break }
    }
    let rule = "======================================"
    return (["================ plan ================"] + lines + [rule]).joined(separator: "\n")
  }

  /// How much of the screen what may be cut gets.
  private struct Room {
    let notes: Int
    let noteLines: Int
    let steps: Int
    let stepLines: Int
    let guessLines: Int
    /// Guesses, and changes whose outcome is unknown.
    let points: Int

    /// From plenty to little.
    static let all = [
      Room(notes: 4, noteLines: 3, steps: 6, stepLines: 3, guessLines: 2, points: 3),
      Room(notes: 4, noteLines: 2, steps: 6, stepLines: 2, guessLines: 2, points: 3),
      Room(notes: 3, noteLines: 1, steps: 6, stepLines: 2, guessLines: 2, points: 3),
      Room(notes: 3, noteLines: 1, steps: 6, stepLines: 1, guessLines: 2, points: 3),
      Room(notes: 2, noteLines: 1, steps: 4, stepLines: 1, guessLines: 1, points: 2),
      Room(notes: 1, noteLines: 1, steps: 2, stepLines: 1, guessLines: 1, points: 1),
      Room(notes: 0, noteLines: 1, steps: 1, stepLines: 1, guessLines: 1, points: 1),
    ]
  }

  private func lines(_ room: Room, width: Int, now: Int) -> [String] {
    var rows: [(name: String, words: String, lines: Int)] = [
      ("Runbook", "\(runbook.name) \(runbook.version) (\(runbook.sha256.prefix(12))), site \(site)", 1),
      ("Arguments", argumentWords, 2),
    ]
    if let names = siteArguments { rows.append(("  of the site", names.joined(separator: ", "), 1)) }
    rows.append(("Hosts", hosts.isEmpty ? "none" : "\(hosts.count): \(NameSet(names: hosts).folded)", 1))
    let notes = notes ?? []
    rows += notes.prefix(room.notes).map { ("Note", $0, room.noteLines) }
    if notes.count > room.notes { rows.append(("", Plan.more(notes.count - room.notes, "note"), 1)) }
    let outer = steps.filter { !$0.path.contains("/") }
    for (index, step) in outer.prefix(room.steps).enumerated() {
      let words = step.detail.isEmpty ? step.title : "\(step.title): \(step.detail)"
      rows.append(("Step \(index + 1)", words, room.stepLines))
    }
    if outer.count > room.steps { rows.append(("", Plan.more(outer.count - room.steps, "step"), 1)) }
    rows.append(("Changes", changeWords, 1))
    rows.append(("Exactness", exactnessWords, 1))
    for point in inexact.prefix(room.points) {
      rows.append(("  guess", "\(point.place): \(point.what)\(point.assumedWords)", room.guessLines))
    }
    let guesses = inexact.count - room.points
    if guesses > 0 { rows.append(("", Plan.more(guesses, "guess", plural: "guesses"), 1)) }
    let unknown = unpredicted
    for point in unknown.prefix(room.points) {
      rows.append(("  unknown", "\(point.place): \(point.what)", room.guessLines))
    }
    if unknown.count > room.points { rows.append(("", Plan.more(unknown.count - room.points, "unknown outcome"), 1)) }
    if let unseen { rows.append(("  not seen", unseen, room.guessLines)) }
    if !irreversible.isEmpty { rows.append(("Not undone", irreversibleWords, room.guessLines)) }
    rows.append(("Lock", lockWords, 1))
    // Who has it is what the operator needs.
    if !conflicts.isEmpty { rows.append(("  held", conflicts.joined(separator: "; "), 2)) }
    if let beyond {
      rows.append(("  beyond", "also locked, not covered by the header's lock: \(Plan.folded(beyond))", 1))
    }
    if let cures {
      rows.append(("Cures", cures.first ?? "nothing: what it cures is OK", 1))
      rows += cures.dropFirst().prefix(max(0, room.points - 1)).map { ("", $0, 1) }
      let left = cures.count - max(1, room.points)
      if left > 0 { rows.append(("", "and \(left) more", 1)) }
    }
    if let objection { rows.append(("Gate", objection, 2)) }
    if let gates, let first = gates.first {
      rows.append(("Gates", first, 1))
      rows += gates.dropFirst().prefix(room.points - 1).map { ("", $0, 1) }
      let left = gates.count - room.points
      if left > 0 { rows.append(("", "and \(left) more", 1)) }
    }
    rows.append(("Duration", durationWords(now), 1))
    let stakes = Stake.sum(operations.compactMap(\.stake)).map(\.text)
    if !stakes.isEmpty { rows.append(("At stake", stakes.joined(separator: ", "), 1)) }
    if let approval { rows.append(("Approval", "\(approval) needs an approval by another operator", 1)) }
    rows.append(("Plan", String(hash.prefix(16)), 1))
    let label = rows.map(\.name.count).max() ?? 0
    return rows.flatMap { row in
      row.words.folded(width, lines: row.lines).enumerated().map { index, piece in
        let title = index == 0 ? row.name : ""
        return title + String(repeating: " ", count: label - title.count + 2) + piece
      }
    }
  }

  private static func more(_ count: Int, _ noun: String, plural: String? = nil) -> String {
    "and \(count) more \(count == 1 ? noun : plural ?? noun + "s")"
  }

  private var argumentWords: String {
    let fields = arguments.tableFields.sorted { $0.key < $1.key }.filter { $0.value != .null }
    return fields.isEmpty ? "none" : fields.map { "\($0.key)=\($0.value.literal)" }.joined(separator: " ")
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
      return "0 %: the plan stops\(place) (\(exact) of \(operations.count.counted("change")) before it predicted)"
    }
    let percent = Int((exactness * 100).rounded(.down))
    return "\(percent) % (\(exact) of \(operations.count.counted("change")) predicted)"
  }

  private var irreversibleWords: String {
    let kinds = Dictionary(grouping: irreversible, by: \.kind).map { "\($0.value.count) × \($0.key)" }.sorted()
    return "a rollback will not undo \(kinds.joined(separator: ", "))"
  }

  private var lockWords: String { Plan.folded(locks) }

  private static func folded(_ locks: [String]) -> String {
    let hosts = locks.filter { $0.hasPrefix("host/") }.map { String($0.dropFirst("host/".count)) }
    var words = locks.filter { !$0.hasPrefix("host/") }
    if !hosts.isEmpty { words.append("host/" + NameSet(names: hosts).folded) }
    return words.isEmpty
      ? "none" : words.prefix(4).joined(separator: ", ") + (words.count > 4 ? " and \(words.count - 4) more" : "")
  }

  private func durationWords(_ now: Int) -> String {
    guard let seconds else { return "unknown: it has not run before" }
    let end = (now + Int(seconds)) % 86_400
    let clock = [end / 3600, end / 60 % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    return seconds < 1 ? "less than 1 s" : "about \(Duration.seconds(seconds).words), until \(clock) UTC"
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
    guard rest.count > width else { return lines + [String(rest)] }
    let kept = rest.prefix(width - 1)
    // Not within a word or a number, unless that is the whole line.
    let end = kept.lastIndex(of: " ").map { kept.index(after: $0) } ?? kept.endIndex
    return lines + [kept[..<end] + "…"]
  }
}
