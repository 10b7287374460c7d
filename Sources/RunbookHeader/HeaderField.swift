import LuaRuntime
import PrimitiveKit

/// A value of the header with its path; every check that fails is recorded and answers nil.
struct HeaderField {
  let content: LuaField
  let path: String
  let problems: HeaderProblems

  /// The data in it; functions are left out.
  var value: Value { content.data }

  /// The named field of a table; nil when it is not there.
  func optional(_ key: String) -> HeaderField? {
    let child: LuaField? =
      switch content {
      case .table(let fields): fields[key]
      case .value(let value) where value[key] != .null: .value(value[key])
      default: nil
      }
    return child.map { HeaderField(content: $0, path: self.path(to: key), problems: problems) }
  }

  /// The named field of a table; a missing one is a problem.
  func required(_ key: String, _ expected: String) -> HeaderField? {
    if let field = optional(key) { return field }
    problems.add(.missing, path(to: key), "is missing: expected \(expected)", hint: "add `\(key) = …`")
    return nil
  }

  /// The names of the fields in alphabetical order; nil when this is no table.
  var names: [String]? {
    switch content {
    case .table(let fields): fields.keys.sorted()
    case .value(.table(let fields)): fields.keys.sorted()
    default: nil
    }
  }

  /// Whether this is a table with no other names than these; each other one is a problem.
  func allow(_ keys: [String], _ expected: String) -> Bool {
    guard let names else {
      wrong(expected)
      return false
    }
    for name in names where !keys.contains(name) {
      let fields = keys.filter { Int($0) == nil }
      let hint = NearestName.question(for: name, in: fields) ?? "the fields are \(fields.joined(separator: ", "))"
      problems.add(.unknown, path(to: name), "unknown field", hint: hint)
    }
    return true
  }

  /// The elements of a list; `{}` is an empty one.
  func list(_ expected: String) -> [HeaderField]? {
    let elements: [LuaField]
    switch content {
    case .array(let fields): elements = fields
    case .value(.array(let values)): elements = values.map(LuaField.value)
    case .table(let fields) where fields.isEmpty: elements = []
    case .value(.table(let fields)) where fields.isEmpty: elements = []
    default:
      wrong(expected)
      return nil
    }
    return elements.enumerated().map {
      HeaderField(content: $0.element, path: "\(path)[\($0.offset + 1)]", problems: problems)
    }
  }

  /// A text of one line that is not empty.
  func text(_ expected: String) -> String? {
    guard case .string(let text) = value, !text.isEmpty else {
      wrong(expected)
      return nil
    }
    guard !text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) else {
      problems.add(.wrong, path, "expected \(expected), got text with a control character")
      return nil
    }
    return text
  }

  /// One text, or a list of texts.
  func texts(_ expected: String) -> [String]? {
    if case .string = value { return text(expected).map { [$0] } }
    return list(expected)?.compactMap { $0.text("a text") }
  }

  /// One of the words.
  func word<Word: RawRepresentable & CaseIterable>(_ type: Word.Type) -> Word? where Word.RawValue == String {
    let words = Word.allCases.map(\.rawValue)
    let expected = "one of \(words.map { "\"\($0)\"" }.joined(separator: ", "))"
    guard let text = text(expected) else { return nil }
    if let word = Word(rawValue: text) { return word }
    wrong(expected, hint: NearestName.question(for: text, in: words))
    return nil
  }

  func bool() -> Bool? {
    guard case .bool(let bool) = value else {
      wrong("true or false")
      return nil
    }
    return bool
  }

  func int(in range: ClosedRange<Int>) -> Int? {
    guard let int = try? Int(value), range.contains(int) else {
      wrong("a whole number from \(range.lowerBound) to \(range.upperBound)")
      return nil
    }
    return int
  }

  /// Records that the value is not what it should be.
  func wrong(_ expected: String, hint: String? = nil) {
    problems.add(.wrong, path, "expected \(expected), got \(found)", hint: hint)
  }

  private var found: String {
    switch content {
    case .function: return "a function"
    case .array, .table, .value(.array), .value(.table): return "a table"
    case .value(let value):
      let literal = value == .null ? "nothing" : value.literal
      return literal.count > 60 ? "\(literal.prefix(57))…" : literal
    }
  }

  private func path(to key: String) -> String {
    let isName = LuaWord.isName(key)
    guard isName else { return "\(path)[\(Int(key).map(String.init) ?? Value.string(key).literal)]" }
    return path.isEmpty ? key : "\(path).\(key)"
  }
}
