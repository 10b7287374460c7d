package import PrimitiveKit

/// Reads JSON (RFC 8259) exactly: whole numbers of 64 bits, nulls, and empty lists and objects each as what they are.
///
/// What could be read in two ways is refused, with line and column: a name twice in one object, a whole number beyond 64
/// bits, a number too large for a double.
package struct JSONReader {
  /// How numbers are answered.
  package enum Numbers: Sendable {
    /// Whole ones as integers, others as doubles.
    case exact
    /// Each as the text that stands there: prices and ids of any length.
    case text
  }

  /// Lists and objects in one another: as many as a value may have on its way to Lua.
  package static let deepest = 64

  let bytes: [UInt8]
  let numbers: Numbers
  let isOver = CallStop.current.isAsked
  var position = 0

  /// Throws a `JSONProblem` with the place of the first mistake, and one that says so when it is stopped.
  package static func value(of bytes: [UInt8], numbers: Numbers = .exact) throws(JSONProblem) -> Value {
    var reader = JSONReader(bytes: bytes, numbers: numbers)
    // A byte order mark, which some programs write.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { reader.position = 3 }
    reader.skipSpace()
    guard !reader.isAtEnd else { throw reader.problem("the text is empty", hint: "an empty answer is not JSON") }
    let value = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.isAtEnd else {
      throw reader.problem(
        "unexpected \(reader.found) after the end of the value",
        hint: "for one value per line, decode each of the lines"
      )
    }
    return value
  }

  private init(bytes: [UInt8], numbers: Numbers) {
    self.bytes = bytes
    self.numbers = numbers
  }

  var isAtEnd: Bool { position >= bytes.count }
  var next: UInt8? { isAtEnd ? nil : bytes[position] }

  private mutating func value(depth: Int) throws(JSONProblem) -> Value {
    if isOver() { throw .stopped }
    switch next ?? 0 {
    case UInt8(ascii: "{"): return try object(depth: depth + 1)
    case UInt8(ascii: "["): return try list(depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "t") where take("true"): return .bool(true)
    case UInt8(ascii: "f") where take("false"): return .bool(false)
    case UInt8(ascii: "n") where take("null"): return .jsonNull
    default: throw problem("expected a value, found \(found)", hint: misspelling)
    }
  }

  private mutating func object(depth: Int) throws(JSONProblem) -> Value {
    try enter(depth)
    var fields: [String: Value] = [:]
    skipSpace()
    if take("}") { return .table(fields) }
    while true {
      let start = position
      guard next == UInt8(ascii: "\"") else {
        throw problem("expected a name in double quotes, found \(found)", hint: commaHint(before: "}"))
      }
      let name = try string()
      guard fields[name] == nil else {
        let isSame = fields.keys.contains { $0.utf8.elementsEqual(name.utf8) }
        throw problem(
          "the name \(Value.string(name).literal) is twice in one object\(isSame ? "" : ", in two spellings of Unicode")",
          hint: isSame ? "which of the two is meant cannot be known" : "fields of a table cannot differ in that alone",
          at: start
        )
      }
      skipSpace()
      guard take(":") else { throw problem("expected ':' after a name, found \(found)") }
      skipSpace()
      fields[name] = try value(depth: depth)
      skipSpace()
      if take("}") { return .table(fields) }
      guard take(",") else { throw problem("expected ',' or '}', found \(found)") }
      skipSpace()
    }
  }

  private mutating func list(depth: Int) throws(JSONProblem) -> Value {
    try enter(depth)
    var values: [Value] = []
    skipSpace()
    if take("]") { return .array(values) }
    while true {
      if next == UInt8(ascii: "]") {
        throw problem("expected a value, found ']'", hint: commaHint(before: "]"))
      }
      values.append(try value(depth: depth))
      skipSpace()
      if take("]") { return .array(values) }
      guard take(",") else { throw problem("expected ',' or ']', found \(found)") }
      skipSpace()
    }
  }

  private mutating func enter(_ depth: Int) throws(JSONProblem) {
    guard depth <= JSONReader.deepest else {
      throw problem("nested more than \(JSONReader.deepest) levels deep", hint: "no table can be that deep")
    }
    position += 1
  }

  private func commaHint(before end: String) -> String? {
    let previous = bytes[..<position].last { !JSONReader.isSpace($0) }
    return next == UInt8(ascii: end == "}" ? "}" : "]") && previous == UInt8(ascii: ",")
      ? "JSON has no comma after the last element" : nil
  }

  private var misspelling: String? {
    let word = String(decoding: bytes[position...].prefix { JSONReader.isLetter($0) }.prefix(20), as: UTF8.self)
    return switch word {
    case "NaN", "nan", "Infinity", "inf": "JSON has no number that is not finite"
    case "None", "nil", "undefined", "NULL", "Null": "JSON spells it null"
    case "True", "TRUE": "JSON spells it true"
    case "False", "FALSE": "JSON spells it false"
    default: next == UInt8(ascii: "'") ? "JSON has double quotes only" : nil
    }
  }

  // MARK: Bytes

  mutating func skipSpace() {
    while let byte = next, JSONReader.isSpace(byte) { position += 1 }
  }

  /// Moves past a text when it is what comes next.
  mutating func take(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard bytes.count - position >= count else { return false }
    for offset in 0..<count where bytes[position + offset] != text.utf8Start[offset] { return false }
    position += count
    return true
  }

  static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 10 || byte == 13 || byte == 9 }

  static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }
}
