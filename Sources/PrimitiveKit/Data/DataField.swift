import Foundations

/// A value of a data file with its path, read with checks that name both.
package struct DataField: Sendable {
  package let value: Value
  /// As it would be written in Lua: `hosts[3].address`; empty for the whole file.
  package let path: String

  package init(_ value: Value, path: String = "") {
    self.value = value
    self.path = path
  }

  /// The field of a table, nil when it is not there.
  package func optional(_ key: String) -> DataField? {
    let value = value[key]
    return value == .null ? nil : DataField(value, path: child(key))
  }

  package func required(_ key: String, _ expected: String) throws(DataError) -> DataField {
    guard let field = optional(key) else {
      throw DataError(path: child(key), expected: expected, got: "nothing", hint: "add `\(key) = …`")
    }
    return field
  }

  /// Checks that this is a table with no other keys than these.
  package func allow(_ keys: [String]) throws(DataError) {
    for (key, _) in try entries("a table") where !keys.contains(key) {
      let hint = NearestName.question(for: key, in: keys) ?? "the keys are \(keys.sorted().joined(separator: ", "))"
      throw DataError(path: child(key), expected: "a known key", got: "'\(key)'", hint: hint)
    }
  }

  /// The fields of a table in alphabetical order.
  package func entries(_ expected: String) throws(DataError) -> [(key: String, field: DataField)] {
    guard case .table(let table) = value else { throw wrong(expected) }
    return table.sorted { $0.key < $1.key }.map { ($0.key, DataField($0.value, path: child($0.key))) }
  }

  /// The elements of a list; `{}` is an empty list.
  package func list(_ expected: String) throws(DataError) -> [DataField] {
    switch value {
    case .array(let values):
      values.enumerated().map { DataField($0.element, path: "\(path)[\($0.offset + 1)]") }
    case .table(let table) where table.isEmpty: []
    default: throw wrong(expected)
    }
  }

  /// One text, or a list of texts.
  package func texts(_ expected: String) throws(DataError) -> [String] {
    if case .string = value { return [try string(expected)] }
    var texts: [String] = []
    for field in try list(expected) { texts.append(try field.string("a text")) }
    return texts
  }

  package func string(_ expected: String) throws(DataError) -> String {
    guard case .string(let text) = value, !text.isEmpty else { throw wrong(expected) }
    if let control = text.unicodeScalars.first(where: { $0.value < 32 || $0.value == 127 }) {
      throw DataError(path: path, expected: expected, got: "a text with the control character \(control.value)")
    }
    return text
  }

  package func bool() throws(DataError) -> Bool {
    guard case .bool(let bool) = value else { throw wrong("true or false") }
    return bool
  }

  package func int(in range: ClosedRange<Int>) throws(DataError) -> Int {
    let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    switch value {
    case .int(let int) where range.contains(int): return int
    case .number(let number):
      guard let int = Int(exactly: number), range.contains(int) else { throw wrong(expected) }
      return int
    default: throw wrong(expected)
    }
  }

  /// One of some words, or a list of them; `noun` names them in the plural, for example `speeds`.
  package func words(_ noun: String, from known: [String]) throws(DataError) -> [String] {
    let names = try texts("a list of \(noun)")
    for name in names where !known.contains(name) {
      let hint = NearestName.question(for: name, in: known) ?? "the \(noun) are \(known.joined(separator: ", "))"
      throw DataError(path: path, expected: "the names of \(noun)", got: "'\(name)'", hint: hint)
    }
    return names
  }

  /// A time within bounds in seconds: a number of them, or text such as `"2m"`.
  package func seconds(in range: ClosedRange<Double>) throws(DataError) -> Duration {
    guard let time, range.contains(time.seconds) else {
      throw wrong("\(Int(range.lowerBound)) to \(Int(range.upperBound)) seconds, or text such as \"2m\"")
    }
    return time
  }

  /// A time of more than nothing and at most so many seconds.
  package func seconds(upTo limit: Double) throws(DataError) -> Duration {
    guard let time, time > .zero, time.seconds <= limit else {
      throw wrong("more than 0 and up to \(Int(limit)) seconds, or text such as \"2m\"")
    }
    return time
  }

  private var time: Duration? { try? Duration(value) }

  package func wrong(_ expected: String, hint: String? = nil) -> DataError {
    let literal = value.literal
    let got = value == .null ? "nothing" : literal.count > 60 ? "\(literal.prefix(57))…" : literal
    return DataError(path: path, expected: expected, got: got, hint: hint)
  }

  /// Reads a set, or fails with the error of the set language under this path.
  package func set(_ text: String, resolver: (any NameResolver)? = nil) throws(DataError) -> NameSet {
    do throws(NameSetError) {
      return try NameSet(parsing: text, resolver: resolver, requiringMatches: resolver != nil)
    } catch {
      throw DataError(path: path, expected: "a set", got: "'\(text)': \(error.message)", hint: error.hint)
    }
  }

  private func child(_ key: String) -> String { LuaFieldPath.child(of: path, key) }
}
