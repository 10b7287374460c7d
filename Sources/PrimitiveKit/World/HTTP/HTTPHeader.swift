/// A header of a request: its name may be shown, its value never is.
package struct HTTPHeader: Sendable, Equatable, CustomReflectable {
  package let name: String
  package let value: HTTPHeaderValue

  /// Throws for a name that is no token of HTTP, for one that opsh sets itself, and for a value of several lines.
  package init(_ name: String, _ value: HTTPHeaderValue) throws(ConversionError) {
    guard !name.isEmpty, name.utf8.allSatisfy(HTTPHeader.isToken) else {
      throw HTTPHeader.wrong("names of headers such as \"Accept\"", "another name")
    }
    guard !HTTPHeader.reserved.contains(name.lowercased()) else {
      throw HTTPHeader.wrong("headers that opsh does not set itself", "'\(name)'")
    }
    (self.name, self.value) = (name, value)
    try value.check(name)
  }

  /// A request with others would not be read as it was meant.
  private static let reserved: Set<String> = [
    "connection", "content-length", "expect", "te", "trailer", "transfer-encoding", "upgrade",
  ]

  /// RFC 9110, 5.6.2.
  private static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }

  /// Whether another host may see it, too: all other headers may hold what was given to one host alone.
  package var isHarmless: Bool { ["accept", "accept-language", "user-agent"].contains(name.lowercased()) }

  /// The most bytes of a value.
  package static let longest = 64 << 10

  package var customMirror: Mirror { Mirror(self, children: ["name": name]) }

  static func wrong(_ expected: String, _ found: String) -> ConversionError {
    var error = ConversionError(expected: expected, found: .null)
    error.found = found
    return error
  }

  /// Whether what an answer says under this name is for the one who asked alone: no record holds it.
  package static func isConfidential(_ name: String) -> Bool {
    let name = name.lowercased()
    return confidential.contains { name.contains($0) }
  }

  private static let confidential = ["auth", "cookie", "token", "secret", "session", "key", "password", "signature"]
}

/// What a header says.
package enum HTTPHeaderValue: Sendable, Equatable {
  case text(String)

  /// The only place where the value of a header becomes bytes, when its request is about to be sent.
  ///
  /// No record, message or digest asks for these bytes.
  package func bytes() throws(CallFailure) -> [UInt8] {
    switch self {
    case .text(let text): Array(text.utf8)
    }
  }

  /// Refuses what would not be one header.
  fileprivate func check(_ name: String) throws(ConversionError) {
    guard case .text(let text) = self else { return }
    let count = text.utf8.count
    guard count <= HTTPHeader.longest else {
      throw HTTPHeader.wrong("headers of at most \(HTTPHeader.longest) bytes", "'\(name)' with \(count) bytes")
    }
    guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
      throw HTTPHeader.wrong("headers of one line", "'\(name)' with a line break or a control character in it")
    }
  }
}
