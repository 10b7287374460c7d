package import PrimitiveKit

/// What a server answered, as scripts get it.
///
/// A journal holds it as far as a record may: without cookies and tokens, and the body up to 64 KiB.
package struct HTTPResult: Record, Codable, Equatable {
  /// What a look-up found of a change.
  package enum LookUp: String, Sendable, Codable {
    case done
    case notDone = "not done"
  }

  package let answer: HTTPAnswer
  /// How often it was asked.
  package let attempts: Int
  /// Nil where nobody looked.
  package var lookUp: LookUp?
  private let kept: HTTPAnswer

  /// The largest body that a journal keeps, in bytes.
  static let mostKept = 64 << 10

  init(_ answer: HTTPAnswer, to request: HTTPRequest, attempts: Int = 1) {
    (self.answer, self.attempts) = (answer, attempts)
    var kept = answer.kept(of: request)
    if let body = kept.body, body.bytes.count > HTTPResult.mostKept { kept.body = nil }
    self.kept = kept
  }

  private enum CodingKeys: String, CodingKey { case answer, attempts, lookUp }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    answer = try fields.decode(HTTPAnswer.self, forKey: .answer)
    attempts = try fields.decode(Int.self, forKey: .attempts)
    lookUp = try fields.decodeIfPresent(LookUp.self, forKey: .lookUp)
    kept = answer
  }

  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(kept, forKey: .answer)
    try fields.encode(attempts, forKey: .attempts)
    try fields.encodeIfPresent(lookUp, forKey: .lookUp)
  }

  var isOK: Bool { (200..<300).contains(answer.status) }

  package static var luaType: String { "http.Answer" }
  package static let columns: [Column<HTTPResult>] = [
    Column("ok", "Whether the status is 200 to 299") { $0.isOK },
    Column("status", "The status") { $0.answer.status },
    Column("headers", "Headers by name, in lower case", type: "table<string, string>") { result -> Value in
      .table(result.answer.headers.mapValues(Value.string))
    },
    Column("body", "The body; nil where the journal did not keep it") { $0.answer.body },
    Column("json", "The body read as JSON; nil when it is none", type: "any") { $0.json },
    Column("url", "Where the answer came from, without its query") { $0.answer.address },
    Column("attempts", "How often it was asked") { $0.attempts },
    Column("looked_up", "What a look-up found of a change: \"done\" or \"not done\"; else nil") { $0.lookUp?.rawValue },
    Column("seconds", "How long it took") { ($0.answer.seconds * 1000).rounded() / 1000 },
  ]

  private var json: Value {
    // Servers call it many things; an object or a list is told by its first character.
    let type = answer.headers["content-type"]?.prefix { $0 != ";" }.lowercased() ?? ""
    guard let body = answer.body else { return .null }
    let first = body.bytes.first { $0 > 0x20 }
    let isLikely = first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    guard isLikely || type.hasSuffix("/json") || type.hasSuffix("+json") else { return .null }
    return (try? JSONReader.value(of: body.bytes)) ?? .null
  }

  /// Why it did not succeed, with what the server says of it; nil when it did.
  func failure(of line: String, changes: Bool) -> CallFailure? {
    guard !isOK else { return nil }
    let status = answer.status
    if changes, (300..<400).contains(status) {
      let place = kept.headers["location"].map { " to \($0)" } ?? ""
      let message = "\(line): the server redirects (\(status))\(place), and a change is not sent again elsewhere"
      return CallFailure(.failed, code: "http.status", message: message, hint: "send it to that address")
    }
    let said = said.map { ": \($0)" } ?? ""
    // A server that failed, or one behind it, may have done it before; 501 and 505 say that it never began.
    let isInDoubt = changes && status >= 500 && ![501, 505].contains(status) && lookUp != .notDone
    guard isInDoubt else {
      return CallFailure(
        .failed,
        code: "http.status",
        message: "\(line): the server answers \(status)\(said)",
        hint: "check = false returns the answer instead of raising an error"
      )
    }
    return CallFailure(
      .unknownOutcome,
      code: "http.status",
      message: "\(line): the server answers \(status)\(said); it may have taken effect",
      hint: "check there whether it did"
    )
  }

  /// The first line of a text, as far as a record may hold it.
  private var said: String? {
    let type = answer.headers["content-type"] ?? "text/plain"
    guard type.hasPrefix("text/plain") || type.contains("json"), let body = kept.body else { return nil }
    let text = String(decoding: body.bytes.prefix(2000), as: UTF8.self)
    let line = text.split(whereSeparator: \.isNewline).first.map { line in
      line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    return line.map { $0.count > 200 ? "\($0.prefix(199))…" : $0 }
  }
}
