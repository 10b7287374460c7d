/// Status and headers of an answer, line by line as they come: pure, and bounded.
struct ResponseHead: Sendable, Equatable {
  private(set) var status = 0
  /// Names in lower case; what a name says several times is joined by commas.
  private(set) var fields: [String: String] = [:]
  /// Whether the empty line after the last header has come.
  private(set) var isComplete = false
  private var count = 0

  /// The most bytes that all headers of an answer may have, those of redirects and of 1xx answers included.
  static let limit = 256 << 10

  /// Takes a line with its end; false where it is one too many.
  mutating func received(_ line: some Collection<UInt8>) -> Bool {
    count += line.count
    guard count <= ResponseHead.limit else { return false }
    let text = String(decoding: line, as: UTF8.self).trimming
    if text.hasPrefix("HTTP/"), fields.isEmpty || isComplete {
      // A new head: that before was of an answer such as 100 Continue.
      let words = text.split(separator: " ", maxSplits: 2)
      self = ResponseHead(status: words.count > 1 ? Int(words[1]) ?? 0 : 0, count: count)
    } else if text.isEmpty {
      isComplete = true
    } else if let colon = text.firstIndex(of: ":") {
      let name = text[..<colon].lowercased()
      let value = String(text[text.index(after: colon)...]).trimming
      fields[name] = fields[name].map { "\($0), \(value)" } ?? value
    }
    return true
  }

  init() {}

  private init(status: Int, count: Int) { (self.status, self.count) = (status, count) }
}

extension String {
  /// The text without white space and control characters at both ends.
  fileprivate var trimming: String {
    var text = unicodeScalars[...]
    while let first = text.first, first.value <= 0x20 { text.removeFirst() }
    while let last = text.last, last.value <= 0x20 { text.removeLast() }
    return String(text)
  }
}
