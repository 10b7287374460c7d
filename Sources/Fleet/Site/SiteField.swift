import PrimitiveKit
import Rollout

/// A value of the site with its path, read with checks that name both.
struct SiteField {
  let value: Value
  let path: String

  /// The field of a table, nil when it is not there.
  func optional(_ key: String) -> SiteField? {
    let value = value[key]
    return value == .null ? nil : SiteField(value: value, path: child(key))
  }

  func required(_ key: String, _ expected: String) throws(SiteError) -> SiteField {
    guard let field = optional(key) else {
      throw SiteError(path: child(key), expected: expected, got: "nothing", hint: "add `\(key) = …`")
    }
    return field
  }

  /// Checks that this is a table with no other keys than these.
  func allow(_ keys: [String]) throws(SiteError) {
    for (key, _) in try entries("a table") where !keys.contains(key) {
      let hint = NearestName.question(for: key, in: keys) ?? "the keys are \(keys.sorted().joined(separator: ", "))"
      throw SiteError(path: child(key), expected: "a known key", got: "'\(key)'", hint: hint)
    }
  }

  /// The fields of a table in alphabetical order.
  func entries(_ expected: String) throws(SiteError) -> [(key: String, field: SiteField)] {
    guard case .table(let table) = value else { throw wrong(expected) }
    return table.sorted { $0.key < $1.key }.map { ($0.key, SiteField(value: $0.value, path: child($0.key))) }
  }

  /// The elements of a list; `{}` is an empty list.
  func list(_ expected: String) throws(SiteError) -> [SiteField] {
    switch value {
    case .array(let values):
      values.enumerated().map { SiteField(value: $0.element, path: "\(path)[\($0.offset + 1)]") }
    case .table(let table) where table.isEmpty: []
    default: throw wrong(expected)
    }
  }

  /// One text, or a list of texts.
  func texts(_ expected: String) throws(SiteError) -> [String] {
    if case .string = value { return [try string(expected)] }
    var texts: [String] = []
    for field in try list(expected) { texts.append(try field.string("a text")) }
    return texts
  }

  func string(_ expected: String) throws(SiteError) -> String {
    guard case .string(let text) = value, !text.isEmpty else { throw wrong(expected) }
    if let control = text.unicodeScalars.first(where: { $0.value < 32 || $0.value == 127 }) {
      throw SiteError(path: path, expected: expected, got: "a text with the control character \(control.value)")
    }
    return text
  }

  func bool() throws(SiteError) -> Bool {
    guard case .bool(let bool) = value else { throw wrong("true or false") }
    return bool
  }

  func int(in range: ClosedRange<Int>) throws(SiteError) -> Int {
    let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    switch value {
    case .int(let int) where range.contains(int): return int
    case .number(let number):
      guard let int = Int(exactly: number), range.contains(int) else { throw wrong(expected) }
      return int
    default: throw wrong(expected)
    }
  }

  /// The names of speeds that opsh has.
  func speeds() throws(SiteError) -> [String] {
    let names = try texts("a list of speeds")
    let known = (try? SpeedTable.builtIn())?.speeds.map(\.name) ?? names
    for name in names where !known.contains(name) {
      let hint = NearestName.question(for: name, in: known) ?? "the speeds are \(known.joined(separator: ", "))"
      throw SiteError(path: path, expected: "the names of speeds", got: "'\(name)'", hint: hint)
    }
    return names
  }

  func seconds(in range: ClosedRange<Double>) throws(SiteError) -> Duration {
    guard let number, range.contains(number) else {
      throw wrong("seconds, from \(Int(range.lowerBound)) to \(Int(range.upperBound))")
    }
    return .seconds(number)
  }

  private var number: Double? {
    switch value {
    case .int(let int): Double(int)
    case .number(let number): number
    default: nil
    }
  }

  func seconds(upTo limit: Double) throws(SiteError) -> Duration {
    guard let number, number > 0, number <= limit else { throw wrong("seconds, more than 0 and up to \(Int(limit))") }
    return .seconds(number)
  }

  func wrong(_ expected: String, hint: String? = nil) -> SiteError {
    let literal = value.literal
    let got = value == .null ? "nothing" : literal.count > 60 ? "\(literal.prefix(57))…" : literal
    return SiteError(path: path, expected: expected, got: got, hint: hint)
  }

  /// Reads a set, or fails with the error of the set language under this path.
  func set(_ text: String, resolver: (any NameResolver)? = nil) throws(SiteError) -> NameSet {
    do throws(NameSetError) {
      return try NameSet(parsing: text, resolver: resolver, requiringMatches: resolver != nil)
    } catch {
      throw SiteError(path: path, expected: "a set", got: "'\(text)': \(error.message)", hint: error.hint)
    }
  }

  private func child(_ key: String) -> String { LuaFieldPath.child(of: path, key) }
}
