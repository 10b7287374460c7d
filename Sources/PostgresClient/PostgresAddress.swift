import CPostgres

/// Where a database is: a `postgres://` URL, whose password no message shows.
package struct PostgresAddress: Sendable, CustomStringConvertible, CustomReflectable {
  /// The URL as libpq wants it.
  package let url: String
  /// The same without user, password and options.
  package let name: String
  private let password: String

  /// Reads `postgres://user:password@host:port/name?option=value` (also `postgresql://`).
  ///
  /// Throws `.invalid` for anything else, without quoting it.
  package init(_ url: String) throws(PostgresError) {
    let malformed = PostgresError.invalid(
      "not a PostgreSQL URL: postgres://user@host:port/name, with reserved characters in a password written as %XX"
    )
    guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://"), !url.utf8.contains(0),
      // The parser's own message repeats the text and with it the password.
      let fields = PQconninfoParse(url, nil)
    else { throw malformed }
    defer { PQconninfoFree(fields) }
    var values: [String: String] = [:]
    var field = fields
    while let keyword = field.pointee.keyword {
      if let value = field.pointee.val { values[String(cString: keyword)] = String(cString: value) }
      field += 1
    }
    // One port, or one a host. An unescaped @ or : in the password ends up here.
    let ports = (values["port"] ?? "0").split(separator: ",", omittingEmptySubsequences: false)
    guard ports.allSatisfy({ $0.isEmpty || UInt16($0) != nil }) else { throw malformed }
    self.url = url
    password = values["password"] ?? ""
    name = PostgresAddress.name(values)
  }

  package var description: String { name }
  /// Nothing that prints the fields finds the password.
  package var customMirror: Mirror { Mirror(self, children: ["name": name]) }

  private static func name(_ values: [String: String]) -> String {
    let host = values["host"] ?? values["hostaddr"] ?? ""
    let database = values["dbname"] ?? ""
    // A directory is where the server's local socket is.
    if host.isEmpty || host.hasPrefix("/") {
      let port = values["port"].map { ":\($0)" } ?? ""
      return "postgres:///\(database)\(host.isEmpty ? "" : "?host=\(host)\(port)")"
    }
    return "postgres://\(host)\(values["port"].map { ":\($0)" } ?? "")/\(database)"
  }

  /// The text of an error without the passwords: that of the URL, and one that was given at the server's request.
  func redacted(_ text: String, _ given: String? = nil) -> String {
    [password, given ?? ""].reduce(text) { PostgresAddress.without($1, $0) }
  }

  private static func without(_ password: String, _ text: String) -> String {
    // One of a letter or two would hide half the message and protect nothing.
    guard password.utf8.count > 2 else { return text }
    var parts: [Substring] = []
    var rest = text[...]
    while let found = rest.firstRange(of: password) {
      parts.append(rest[..<found.lowerBound])
      rest = rest[found.upperBound...]
    }
    return (parts + [rest]).joined(separator: "***")
  }
}
