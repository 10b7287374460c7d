package import PrimitiveKit

/// The text of `opsh COMMAND --help`.
package enum CommandHelp {
  /// How one command is used.
  package static func text(_ info: SubcommandInfo) -> String {
    var sections = [lines(info.usage, indent: 2), lines(info.summary.capitalizedFirst + ".", indent: 0)]
    let words = info.words.map { ($0.usage, $0.help.capitalizedFirst) }
    if !words.isEmpty { sections += ["", "arguments:", table(words)] }
    let options = rows(info.options)
    if !options.isEmpty { sections += ["", "options, in addition to those of `opsh --help`:", table(options)] }
    sections += ["", exits(info)]
    if !info.examples.isEmpty { sections += ["", "examples:", table(info.examples.map { ($0.code, $0.note) })] }
    return sections.joined(separator: "\n")
  }

  /// Commands that share their first word, for example `audit`.
  package static func text(group: String, _ infos: [SubcommandInfo]) -> String {
    if infos.count == 1 { return text(infos[0]) }
    let own = infos.first { $0.name == group }
    let rows = infos.map { ($0.usage, $0.summary) }
    return [
      "opsh \(group): \(own?.summary ?? "its commands")", "", table(rows), "",
      "exit codes: each command lists its own · 64 usage",
      "see `opsh \(infos.last?.name ?? group) --help` for one of them.",
    ].joined(separator: "\n")
  }

  /// Options as help lists them.
  package static func rows(_ options: [CommandArgumentInfo], letters: Bool = false) -> [(String, String)] {
    options.map { option in
      let letter = letters ? option.letter.map { "-\($0), " } ?? "    " : ""
      let hint = option.defaultValue.map { option.place == .flag ? "" : " (default \($0.unquoted))" } ?? ""
      return (letter + option.usage, option.help + hint)
    }
  }

  /// Two columns, wrapped as help is.
  package static func table(_ rows: [(String, String)]) -> String {
    var table = TextTable()
    for row in rows { table.add([row.0, row.1]) }
    return table.lines(indent: 2, within: WrappedText.columns).joined(separator: "\n")
  }

  /// A title and what follows it, wrapped between words; the first word of an entry stays with the second.
  package static func list(_ title: String, _ entries: [String]) -> String {
    let ends = entries.map { text in text.prefix { $0 != " " } + "\u{A0}" + text.drop { $0 != " " }.dropFirst() }
    return lines("\(title) " + ends.joined(separator: " · "), indent: 2).replacing("\u{A0}", with: " ")
  }

  private static func exits(_ info: SubcommandInfo) -> String {
    list("exit codes:", info.exits.map(\.text) + ["64 usage"])
  }

  private static func lines(_ text: String, indent: Int) -> String {
    WrappedText.lines(text, within: WrappedText.columns - indent)
      .joined(separator: "\n" + String(repeating: " ", count: indent))
  }
}

extension String {
  var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }

  /// A Lua literal without the quotes of a text.
  var unquoted: String { hasPrefix("\"") && hasSuffix("\"") && count > 1 ? String(dropFirst().dropLast()) : self }
}
