package import PrimitiveKit

/// One declared parameter of a runbook; its place in the list is its place in help.
package struct RunbookParameter: Sendable, Equatable {
  package let name: String
  package let type: ParameterType
  /// The default; nil without one.
  package internal(set) var fallback: Value?
  package internal(set) var isRequired: Bool
  /// The values it may have; empty means any.
  package internal(set) var choices: [Value]
  package internal(set) var completion: Completion
  package internal(set) var help: String?
  /// The least value, or the least number of elements; a duration in seconds.
  package internal(set) var minimum: Double?
  /// The greatest value, or the greatest number of elements; a duration in seconds.
  package internal(set) var maximum: Double?
  /// A regular expression that the whole text has to match.
  package internal(set) var pattern: String?

  init(name: String, type: ParameterType) {
    self.name = name
    self.type = type
    isRequired = true
    choices = []
    completion = type.completion
  }

  /// What stands behind `name=` in a usage line.
  var usageWord: String {
    guard choices.isEmpty else { return choices.map(RunbookParameter.word).joined(separator: "|") }
    switch type.kind {
    case .boolean where !type.isList: return "true|false"
    default: return type.kind.rawValue.uppercased() + (type.isList ? ",…" : "")
    }
  }

  /// A value as it would be typed on the command line.
  package static func word(_ value: Value) -> String {
    switch value {
    case .string(let text): text
    case .secret(let secret): secret.name
    case .array(let values): values.map(word).joined(separator: ",")
    case .number(let number): Int(exactly: number).map(String.init) ?? "\(number)"
    default: value.literal
    }
  }

  /// A value as help shows it: seconds with their units, an empty list as a word.
  package func shown(_ value: Value) -> String {
    if case .array(let values) = value, values.isEmpty { return "none" }
    guard type.kind == .duration, !type.isList, let seconds = try? Int(value) else {
      return RunbookParameter.word(value)
    }
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")].filter { $0.0 > 0 }
    return parts.isEmpty ? "0s" : parts.map { "\($0.0)\($0.1)" }.joined()
  }

  /// A value of Lua in the form that runbooks get, checked.
  package func bound(_ value: Value) throws(ConversionError) -> Value {
    let value = try type.value(of: value)
    try check(value)
    return value
  }

  /// Checks choices, bounds and pattern of a value that has the type.
  func check(_ value: Value) throws(ConversionError) {
    if case .array(let elements) = value {
      try checkBounds(Double(elements.count), "elements, got \(elements.count)", value)
      for element in elements { try checkElement(element) }
    } else {
      try checkElement(value)
      if type.isOrdered, let number = try? Double(value) { try checkBounds(number, nil, value) }
    }
  }

  private func checkBounds(_ number: Double, _ unit: String?, _ value: Value) throws(ConversionError) {
    let seconds = type.kind == .duration && !type.isList ? " seconds" : ""
    let limit =
      if let minimum, number < minimum {
        "at least \(RunbookParameter.word(.number(minimum)))"
      } else if let maximum, number > maximum {
        "at most \(RunbookParameter.word(.number(maximum)))"
      } else { String?.none }
    guard let limit else { return }
    throw ConversionError(expected: unit.map { _ in "\(limit) elements" } ?? limit + seconds, found: value)
  }

  private func checkElement(_ value: Value) throws(ConversionError) {
    if !choices.isEmpty, !choices.contains(value) {
      let words = choices.map(RunbookParameter.word)
      let near = NearestName.question(for: RunbookParameter.word(value), in: words)
      throw ConversionError(expected: "one of \(words.joined(separator: ", "))", found: value, hint: near)
    }
    guard let pattern, case .string(let text) = value else { return }
    guard let expression = try? Regex(pattern), (try? expression.wholeMatch(in: text)) != nil else {
      throw ConversionError(expected: "a text like \(pattern)", found: value)
    }
  }
}
