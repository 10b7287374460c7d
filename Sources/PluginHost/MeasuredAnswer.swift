import PrimitiveKit

/// What the function of a check answered: `{ value, evidence?, at?, subject? }`, or a list of them.
struct MeasuredAnswer {
  /// One for each subject; what is no number has no value, and a note that says why.
  let measured: [Measured]

  /// Throws a `DataError` for an answer that is no measurement.
  init(_ answer: Value) throws(DataError) {
    let field = DataField(answer)
    switch answer {
    case .array:
      var measured: [Measured] = []
      for entry in try field.list(MeasuredAnswer.expected) { measured.append(try MeasuredAnswer.one(entry)) }
      self.measured = measured
    case .null, .jsonNull: measured = [Measured(nil, note: "the check answered nothing")]
    case .unknown(let unknown): measured = [Measured(nil, note: unknown.why)]
    default: measured = [try MeasuredAnswer.one(field)]
    }
  }

  private static let expected = "a table such as { value = 3, subject = \"web001\" }, or a list of them"

  /// A mistake in the answer, in one line.
  static func words(_ error: DataError) -> String {
    let subject = error.path.isEmpty ? "the answer" : error.path
    let hint = error.hint.map { "; \($0)" } ?? ""
    return "\(subject): expected \(error.expected), got \(error.got)\(hint)"
  }

  private static func one(_ field: DataField) throws(DataError) -> Measured {
    if case .unknown(let unknown) = field.value { return Measured(nil, note: unknown.why) }
    guard case .table = field.value else { throw field.wrong(expected) }
    try field.allow(["value", "evidence", "at", "subject"])
    var measured = Measured(nil, evidence: given("evidence", field)?.value ?? .null)
    if let at = given("at", field) { measured.at = try at.number("seconds since 1970") }
    measured.subject = try given("subject", field)?.string("a text, for example the name of a host")
    switch given("value", field)?.value {
    case nil:
      // Who has no value may say why.
      if case .string(let why) = measured.evidence, !why.isEmpty {
        measured.note = why.split(whereSeparator: \.isNewline).joined(separator: " ")
      } else {
        measured.note = "the check answered no value, and no `evidence` that says why"
      }
    case .unknown(let unknown)?: measured.note = unknown.why
    default:
      let number = try field.required("value", "a number").number("a number")
      if number.isFinite {
        measured.value = number
      } else {
        measured.note = number.isNaN ? "the value is not a number" : "the value is infinite"
      }
    }
    return measured
  }

  /// A field that is there; the null of JSON is how an interface says that it has no number.
  private static func given(_ key: String, _ field: DataField) -> DataField? {
    field.value[key] == .jsonNull ? nil : field.optional(key)
  }
}

extension DataField {
  fileprivate func number(_ expected: String) throws(DataError) -> Double {
    switch value {
    case .int(let int): return Double(int)
    case .number(let number): return number
    default: throw wrong(expected)
    }
  }
}
