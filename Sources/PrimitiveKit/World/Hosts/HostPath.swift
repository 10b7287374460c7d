/// A path of a file on a host: absolute, or below the login directory, with or without `~/` before it.
package struct HostPath: Sendable, Hashable, CustomStringConvertible {
  /// Absolute, or relative to the login directory, where a login and an SFTP server start.
  package let plain: String

  /// Takes a path as it is; `~/` and `./` go, with all of their slashes, or what is left would be absolute.
  package init(_ text: String) {
    var rest = text[...]
    while rest.hasPrefix("~/") && rest.startIndex == text.startIndex || rest.hasPrefix("./") {
      rest = rest.dropFirst(2).drop { $0 == "/" }
    }
    plain = String(rest)
  }

  /// Reads what a person wrote; nil for what names no file of a host.
  package init?(checking text: String) {
    self.init(text)
    // Nothing but a shell knows the home directories of others.
    guard !plain.isEmpty, !plain.hasPrefix("~"), !plain.hasSuffix("/"),
      plain.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 })
    else { return nil }
  }

  /// What a path should be, for messages.
  package static let expected = "a file path, absolute or relative to the login directory"

  package var description: String { plain }

  /// As an argument of a command that starts in the login directory; never taken for an option.
  package var argument: String { plain.hasPrefix("/") ? plain : "./\(plain)" }

  /// As a word of a shell's command line that starts in the login directory.
  package var word: String { ShellQuote.word(plain.hasPrefix("-") ? argument : plain) }

  /// The directory it is in, with its slash; `.` for the login directory.
  package var directory: String {
    plain.lastIndex(of: "/").map { String(plain[...$0]) } ?? "."
  }

  /// A hidden file in the same directory, where the content is written first: a rename from there is atomic.
  ///
  /// A name of more than 50 bytes is cut so that this one stays within 255 (`man 7 path_resolution`, NAME_MAX), and says by
  /// a digest whose it is. What is beside something already gets a second tag: all begin alike, up to `.opsh-`.
  package func beside(_ tag: String) -> HostPath {
    let slash = plain.lastIndex(of: "/").map { plain.index(after: $0) } ?? plain.startIndex
    let name = plain[slash...]
    if name.hasPrefix("."), name.contains(".opsh-") { return HostPath("\(plain)+\(tag)") }
    guard name.utf8.count > 50 else { return HostPath("\(plain[..<slash]).\(name).opsh-\(tag)") }
    var beginning = ""
    for scalar in name.unicodeScalars {
      guard beginning.utf8.count + String(scalar).utf8.count <= 30 else { break }
      beginning.unicodeScalars.append(scalar)
    }
    let digest = SHA256(hashing: name.utf8).hex.prefix(8)
    return HostPath("\(plain[..<slash]).\(beginning)~\(digest).opsh-\(tag)")
  }
}

extension HostPath: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  package init(stringLiteral text: String) { self.init(text) }
}

extension HostPath: Codable {
  package init(from decoder: any Decoder) throws { self.init(try decoder.singleValueContainer().decode(String.self)) }

  package func encode(to encoder: any Encoder) throws {
    var single = encoder.singleValueContainer()
    try single.encode(plain)
  }
}

extension HostPath: ValueConvertible {
  package static var luaType: String { "string" }

  package init(_ value: Value) throws(ConversionError) {
    guard case .string(let text) = value, let path = HostPath(checking: text) else {
      throw ConversionError(expected: HostPath.expected, found: value)
    }
    self = path
  }

  package var value: Value { .string(plain) }
}

extension DataField {
  /// A path on a host.
  package func hostPath() throws(DataError) -> HostPath {
    guard let path = HostPath(checking: try string(HostPath.expected)) else { throw wrong(HostPath.expected) }
    return path
  }
}
