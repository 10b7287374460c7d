/// An address of HTTP as a script gives it.
///
/// What may be a secret in it is its user, its password and its query: nothing but the request itself gets them.
package struct HTTPAddress: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
  /// `http` or `https`.
  package let scheme: String
  /// In lower case; an IPv6 address without its brackets.
  package let host: String
  /// Nil for the usual one.
  package let port: Int?
  /// From the slash on.
  package let path: String
  /// Without the question mark; nil for none.
  package let query: String?
  /// `user:password`, percent-encoded; nil for none.
  package var credentials: String?

  /// Reads an absolute address; what follows a `#` is for browsers and is left out.
  ///
  /// The error does not repeat the text.
  package init(_ text: String) throws(ConversionError) {
    guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw HTTPAddress.wrong("has characters that an address must write as %XX")
    }
    let lower = text.lowercased()
    guard let scheme = ["https", "http"].first(where: { lower.hasPrefix("\($0)://") }) else {
      throw HTTPAddress.wrong("begins with neither http:// nor https://")
    }
    let rest = text.dropFirst(scheme.count + 3).prefix { $0 != "#" }
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    let authority = rest[..<end]
    let at = authority.lastIndex(of: "@")
    let place = at.map { authority[authority.index(after: $0)...] } ?? authority
    (host, port) = try HTTPAddress.place(place)
    credentials = at.map { String(authority[..<$0]) }
    let mark = rest[end...].firstIndex(of: "?")
    let path = rest[end..<(mark ?? rest.endIndex)]
    self.path = path.isEmpty ? "/" : String(path)
    query = mark.map { String(rest[rest.index(after: $0)...]) }
    self.scheme = scheme
  }

  private static func place(_ text: Substring) throws(ConversionError) -> (String, Int?) {
    var host = text
    var port: Substring?
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      host = text[text.index(after: text.startIndex)..<end]
      let rest = text[text.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":"), host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else {
        throw wrong("names no host")
      }
      port = rest.isEmpty ? nil : rest.dropFirst()
    } else if let colon = text.lastIndex(of: ":") {
      (host, port) = (text[..<colon], text[text.index(after: colon)...])
    }
    let isName = host.utf8.allSatisfy { byte in
      byte > 0x7F || Character(UnicodeScalar(byte)).isLetter || (48...57).contains(byte) || "-._:".utf8.contains(byte)
    }
    guard !host.isEmpty, isName, text.hasPrefix("[") || !host.contains(":") else { throw wrong("names no host") }
    guard let port, !port.isEmpty else { return (host.lowercased(), nil) }
    guard port.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(port), (1...65535).contains(number) else {
      throw wrong("has a port that is none")
    }
    return (host.lowercased(), number)
  }

  private static func wrong(_ what: String) -> ConversionError {
    var error = ConversionError(expected: "an address such as \"https://desk.example/health\"", found: .null)
    error.found = "one that \(what)"
    return error
  }

  /// `host` or `host:port`: what is asked.
  package var endpoint: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return port.map { "\(name):\($0)" } ?? name
  }

  /// Scheme, host and port: where credentials given for one address may go.
  package var origin: String { "\(scheme)://\(host):\(port ?? (scheme == "https" ? 443 : 80))" }

  /// The address without its user and password, as it is sent.
  package var sent: String { "\(scheme)://\(endpoint)\(path)\(query.map { "?\($0)" } ?? "")" }

  /// The address as far as it is no secret.
  package var shown: String { "\(scheme)://\(endpoint)\(path)\(query == nil ? "" : "?…")" }

  /// Only where it leads.
  package var hidden: String { "\(scheme)://\(endpoint)/…" }

  package var description: String { shown }
  /// Nothing that prints the fields finds more than `shown`.
  package var customMirror: Mirror { Mirror(self, children: ["shown": shown]) }
}
