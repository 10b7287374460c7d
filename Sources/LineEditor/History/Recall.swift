/// Where an operator is among the entries of before; what they typed, and what they changed on the way, is kept.
struct Recall: Equatable {
  private var entries: [String] = []
  /// The entry that is shown; as many as there are entries for the text being typed.
  private var place = 0
  /// What was made of the entries that were left, and of the text being typed; forgotten with the next entry.
  private var changed: [Int: String] = [:]

  /// Keeps an entry as the newest, and begins a new text.
  mutating func add(_ entry: String) {
    entries.append(entry)
    if entries.count > History.limit { entries.removeFirst(entries.count - History.limit) }
    begin()
  }

  /// Begins a new text: what was typed and left on the way is forgotten.
  mutating func begin() {
    place = entries.count
    changed = [:]
  }

  /// The entry before `text`, which stands on the line now; nil at the oldest.
  mutating func previous(from text: String) -> String? { move(by: -1, from: text) }

  /// The entry after `text`, which stands on the line now; nil at the text being typed.
  mutating func next(from text: String) -> String? { move(by: 1, from: text) }

  private mutating func move(by step: Int, from text: String) -> String? {
    follow(text)
    guard (0...entries.count).contains(place + step) else { return nil }
    changed[place] = text
    place += step
    return shown(place)
  }

  /// A search may have put another entry on the line: the way goes on from there.
  private mutating func follow(_ text: String) {
    guard text != shown(place), let found = entries.lastIndex(of: text) else { return }
    place = found
  }

  private func shown(_ place: Int) -> String {
    changed[place] ?? (place < entries.count ? entries[place] : "")
  }
}
