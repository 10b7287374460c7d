/// What a key makes of the entry.
enum KeyEffect: Equatable {
  case edit(Entry)
  case list([Candidate], then: Entry)
  case submit(Entry)
  case previousHistory
  case nextHistory
  case deleteNext
  case killToLineEnd
  case killToLineStart
  case endOfInput
  case beep
}

/// The keys whose meaning depends on the language and on the lines of the entry.
enum EntryKey {
  case enter, newline, tab, up, down, lineStart, lineEnd, killToEnd, killToStart, interrupt, deleteOrEnd
}

/// Decides what a key does; knows nothing of the terminal.
struct KeyBehaviour: Sendable {
  let options: LineEditorOptions
  /// A question takes one line and knows neither completion nor history.
  var isQuestion = false

  func effect(of key: EntryKey, on entry: Entry) -> KeyEffect {
    switch key {
    case .enter: enter(entry)
    case .newline: isQuestion ? .beep : .edit(Indentation.breakLine(entry))
    case .tab: isQuestion ? .beep : tab(entry)
    case .up: entry.up().map { .edit(entry.moved(to: $0)) } ?? (isQuestion ? .beep : .previousHistory)
    case .down: entry.down().map { .edit(entry.moved(to: $0)) } ?? (isQuestion ? .beep : .nextHistory)
    case .lineStart: .edit(entry.moved(to: entry.lineStart))
    case .lineEnd: .edit(entry.moved(to: entry.lineEnd))
    case .killToEnd: entry.cursor == entry.lineEnd ? .deleteNext : .killToLineEnd
    case .killToStart: entry.cursor == entry.lineStart ? .beep : .killToLineStart
    case .interrupt: interrupt(entry)
    case .deleteOrEnd: entry.scalars.isEmpty ? .endOfInput : entry.cursor < entry.scalars.count ? .deleteNext : .beep
    }
  }

  private func enter(_ entry: Entry) -> KeyEffect {
    if isQuestion { return .submit(entry) }
    guard options.isComplete(entry.text) else { return .edit(Indentation.breakLine(entry)) }
    return .submit(Indentation.closeLine(entry.moved(to: entry.lineEnd)))
  }

  /// Leaves `^C` behind what was typed, as a shell does; the entry is thrown away after it.
  private func interrupt(_ entry: Entry) -> KeyEffect {
    var entry = entry.moved(to: entry.scalars.count)
    entry.insert("^C")
    return .edit(entry)
  }

  private func tab(_ entry: Entry) -> KeyEffect {
    let before = entry.scalars[entry.lineStart..<entry.cursor]
    if entry.spansLines, before.allSatisfy({ $0 == " " }) {
      var indented = entry
      indented.insert(String(repeating: " ", count: Indentation.step))
      return .edit(indented)
    }
    let completion = options.complete(entry.text, entry.textBeforeCursor.utf8.count)
    guard !completion.candidates.isEmpty else { return .beep }
    let start = min(entry.position(ofUTF8: completion.replacementStart), entry.cursor)
    let typed = entry.scalars[start..<entry.cursor]
    let prefix = completion.commonPrefix
    var completed = entry
    // Candidates may match without regard to case; a shorter prefix must not eat what was typed.
    if completion.candidates.count == 1 || prefix.unicodeScalars.count >= typed.count {
      completed.replace(start..<entry.cursor, with: prefix)
    }
    return completion.candidates.count == 1 ? .edit(completed) : .list(completion.candidates, then: completed)
  }
}

extension Entry {
  fileprivate func moved(to position: Int) -> Entry { Entry(scalars: scalars, cursor: position) }
}
