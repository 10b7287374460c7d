/// One line of what the host script says: `KIND<TAB>subject<TAB>key=value…`, values percent-encoded.
package struct HostLine: Sendable, Equatable {
  /// What kind of line it is; an unknown kind is kept, so that a newer script can say more.
  package enum Kind: Sendable, Equatable {
    case step, result, bot, host, error, log
    case other(String)
  }

  /// What kind of line it is.
  package let kind: Kind
  /// The bot the line speaks of, or `-` for the host.
  package let subject: String
  /// The decoded values by key.
  package let fields: [String: String]
  /// The line as it came.
  package let text: String

  /// Reads a line, without its newline.
  ///
  /// - Throws: `HostScriptError.malformedLine` with the text.
  package init(parsing text: String) throws(HostScriptError) {
    let parts = text.split(separator: "\t", omittingEmptySubsequences: false)
    guard parts.count >= 2, !parts[1].isEmpty, !parts[0].isEmpty,
      parts[0].utf8.allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) })
    else { throw .malformedLine(text) }
    var fields: [String: String] = [:]
    for part in parts.dropFirst(2) {
      guard let equals = part.firstIndex(of: "="), equals != part.startIndex,
        let value = Self.decoded(part[part.index(after: equals)...])
      else { throw .malformedLine(text) }
      fields[String(part[..<equals])] = value
    }
    kind = Kind(word: String(parts[0]))
    subject = String(parts[1])
    self.fields = fields
    self.text = text
  }

  /// The value of a field, if the line has it.
  package subscript(field: String) -> String? { fields[field] }

  /// The value of a field that the line must have.
  func required(_ field: String) throws(HostScriptError) -> String {
    guard let value = fields[field] else { throw .missingField(field, line: text) }
    return value
  }

  /// A whole number; `nil` where the field is empty or not there.
  func integer(_ field: String) throws(HostScriptError) -> Int? {
    guard let value = fields[field], !value.isEmpty else { return nil }
    guard let number = Int(value) else { throw .badField(field, line: text) }
    return number
  }

  private static func decoded(_ value: Substring) -> String? {
    guard value.utf8.contains(UInt8(ascii: "%")) else { return String(value) }
    var bytes: [UInt8] = []
    var rest = value.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
      bytes.append(high << 4 | low)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? { Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init) }
}

extension HostLine.Kind {
  init(word: String) {
    switch word {
    case "step": self = .step
    case "result": self = .result
    case "bot": self = .bot
    case "host": self = .host
    case "error": self = .error
    case "log": self = .log
    default: self = .other(word)
    }
  }
}
