import PrimitiveKit

extension OperationRow {
  /// The columns that `init(_:)` takes.
  static let columns = """
    run, key, step, kind, target, effect, summary, content, state, outcome, inverse, failure, epoch, intended_at, \
    settled_at, adopted, resolution, begun
    """

  /// Reads a row of `columns`; throws `journal.corrupt` and `journal.coding`.
  init(_ row: [DatabaseValue], texts: HeldTexts = HeldTexts()) throws(CallFailure) {
    var reader = RowReader(row, of: "operations")
    run = try reader.text()
    key = try reader.text()
    step = try reader.text()
    kind = try reader.text()
    target = try reader.json(OperationTarget.self)
    effect = try reader.word(Effect.self)
    summary = try reader.text()
    text = try reader.text()
    state = try reader.word(OperationState.self)
    outcome = reader.optionalText()
    inverse = try reader.optionalJSON(StoredOperation.self)
    failure = try reader.optionalJSON(CallFailure.self)
    epoch = reader.optionalInt().map { Int($0) }
    intendedAt = try reader.int()
    settledAt = reader.optionalInt()
    isAdopted = try reader.int() != 0
    resolution = reader.optionalText()
    place = try reader.int()
    self.texts = texts
    inverse?.texts = texts
  }
}
