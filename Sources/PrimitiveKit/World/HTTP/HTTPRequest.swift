/// One request of HTTP, with everything that bounds it.
package struct HTTPRequest: Sendable {
  package enum Method: String, Sendable, Codable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"

    /// Whether it only reads (RFC 9110, 9.2.1).
    package var isRead: Bool { self == .get || self == .head }
  }

  package let method: Method
  package let address: HTTPAddress
  package var headers: [HTTPHeader] = []
  /// Nil for none.
  package var body: [UInt8]?
  /// For the whole exchange, redirects included.
  package var timeout: Duration = .seconds(30)
  /// How many redirects are followed: those of a request that only reads.
  package var redirects = 0
  /// The most bytes that the body of the answer may have, once it is unpacked.
  package var limit = 1 << 20
  /// A file with the certificates that are trusted; nil for those of this machine.
  package var authorities: String?
  /// Whether path and answer are in no record and no message.
  package var isPrivate = false

  package init(_ method: Method, _ address: HTTPAddress) { (self.method, self.address) = (method, address) }

  /// The request in one line, as far as it is no secret: `GET https://desk.example/health`.
  package var line: String { "\(method.rawValue) \(shown(address))" }

  /// Another address that this request led to.
  package func shown(_ address: HTTPAddress) -> String { isPrivate ? address.hidden : address.shown }
}

/// What a server answered.
package struct HTTPAnswer: Sendable, Codable, Equatable {
  package let status: Int
  /// Names in lower case; what a name says several times is joined by commas.
  package var headers: [String: String]
  /// Nil where the record that it was read from does not hold it.
  package var body: ByteText?
  package let seconds: Double
  /// Where the answer came from, as far as it is no secret.
  package let address: String

  package init(status: Int, headers: [String: String], body: [UInt8], seconds: Double, address: String) {
    (self.status, self.headers, self.body) = (status, headers, ByteText(body))
    (self.seconds, self.address) = (seconds, address)
  }

  /// The answer to this request as far as a record may hold it: no cookies, no tokens, nothing that was sent in confidence.
  package func kept(of request: HTTPRequest) -> HTTPAnswer {
    var kept = self
    kept.headers = headers.filter { !HTTPHeader.isConfidential($0.key) }
    for name in ["location", "content-location", "link", "refresh"] {
      guard let text = kept.headers[name] else { continue }
      kept.headers[name] = text.firstIndex(of: "?").map { "\(text[..<$0])?…" } ?? text
    }
    kept.body = request.isPrivate ? nil : body.map(request.masking)
    return kept
  }
}
