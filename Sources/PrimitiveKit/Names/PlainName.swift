/// What a host, a bot, a group, a target, a tag, an image or a runtime may be called.
///
/// The names stand in sets, in paths on hosts and in command lines, so they are the same everywhere: what is a plain name
/// needs no quotes and means nothing to a shell, a path or a set. What a runtime keeps for itself, it declares.
package enum PlainName {
  /// What a name should be, for messages.
  package static let expected = expected(also: "")

  /// The same with further characters.
  package static func expected(also: String) -> String {
    let more = also.map { $0 == " " ? "blanks, " : "'\($0)', " }.joined()
    return "letters, digits, \(more)'.', '-' and '_', the first of them a letter or a digit, 100 bytes at most"
  }

  /// Whether a name is plain; `also` are further characters that it may have behind the first.
  package static func isPlain(_ name: String, also: String = "") -> Bool {
    guard let first = name.utf8.first, isAlphanumeric(first), name.utf8.count <= limit else { return false }
    return name.utf8.allSatisfy { isAlphanumeric($0) || ".-_".utf8.contains($0) || also.utf8.contains($0) }
  }

  /// A name that may be anything, in the quotes of messages, without what would command a terminal.
  static func quoted(_ name: String) -> String { "'\(Value.string(name).literal.dropFirst().dropLast())'" }

  /// Bytes; with what is put around it on hosts it stays within 255 (NAME_MAX).
  private static let limit = 100

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: false
    }
  }
}

extension DataField {
  /// Throws unless all of these, which this field gives, are plain names.
  package func check(names: some Sequence<String>, also: String = "") throws(DataError) {
    guard let odd = names.first(where: { !PlainName.isPlain($0, also: also) }) else { return }
    throw DataError(path: path, expected: PlainName.expected(also: also), got: PlainName.quoted(odd))
  }

  /// A plain name.
  package func plainName(_ expected: String) throws(DataError) -> String {
    let name = try string(expected)
    try check(names: [name])
    return name
  }

  /// An address or an account: no blank, nothing that a terminal or a command line would take for something else.
  package func word(_ expected: String) throws(DataError) -> String {
    let text = try string(expected)
    let isWord = !text.hasPrefix("-") && text.unicodeScalars.allSatisfy { $0.value > 32 && $0.value != 127 }
    guard isWord else {
      throw DataError(path: path, expected: "\(expected) without blanks", got: PlainName.quoted(text))
    }
    return text
  }
}
