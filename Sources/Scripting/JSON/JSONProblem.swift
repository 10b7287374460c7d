package import PrimitiveKit

/// Why a text is not JSON, and where.
package struct JSONProblem: OperatorError, Equatable {
  /// Counted from 1; the column in characters.
  package let line: Int
  package let column: Int
  package let what: String
  package let advice: String?
  /// Whether it was stopped before its end, so that nothing is known of the text.
  private(set) package var isStopped = false

  package var failureClass: FailureClass { isStopped ? .cancelled : .invalid }
  package var mark: FailureMark? { isStopped ? .cancelled : nil }
  package var code: String { isStopped ? "call.cancelled" : "json.syntax" }
  package var message: String { isStopped ? what : "not JSON: line \(line), column \(column): \(what)" }
  package var hint: String? { advice }

  static let stopped = JSONProblem(line: 0, column: 0, what: "cancelled", advice: nil, isStopped: true)
}

extension JSONReader {
  /// A problem at a byte, by default at the next one.
  func problem(_ what: String, hint: String? = nil, at place: Int? = nil) -> JSONProblem {
    let before = bytes[..<min(place ?? position, bytes.count)]
    let line = before.count { $0 == 10 } + 1
    let start = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
    // Bytes that continue a character are none of their own.
    let column = before[start...].count { $0 & 0xC0 != 0x80 } + 1
    return JSONProblem(line: line, column: column, what: what, advice: hint)
  }

  /// What comes next, in words.
  var found: String {
    guard let byte = next else { return "the end of the text" }
    if byte == 10 || byte == 13 { return "the end of the line" }
    guard byte >= 32, byte != 127, byte < 128 else {
      guard byte >= 128 else { return "a control character" }
      let rest = String(decoding: bytes[position...].prefix(4), as: UTF8.self)
      return rest.first.map { "'\($0)'" } ?? "a byte that is not text"
    }
    let word = bytes[position...].prefix { JSONReader.isLetter($0) }.prefix(20)
    return "'\(word.isEmpty ? String(decoding: [byte], as: UTF8.self) : String(decoding: word, as: UTF8.self))'"
  }
}
