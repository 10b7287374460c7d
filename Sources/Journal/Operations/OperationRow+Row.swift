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
    let key = try reader.text()
    let step = try reader.text()
    let kind = try reader.text()
    let target = try reader.json(OperationTarget.self)
    let effect = try reader.word(Effect.self)
    let summary = try reader.text()
    let text = try reader.text()
    state = try reader.word(OperationState.self)
    outcome = reader.optionalText()
    inverse = try reader.optionalJSON(StoredOperation.self)
    failure = try reader.optionalJSON(CallFailure.self)
    intent = OperationIntent(
      key: key,
      step: step,
      kind: kind,
      target: target,
      effect: effect,
      summary: summary,
      text: text,
      epoch: reader.optionalInt().map { Int($0) }
    )
    intendedAt = try reader.int()
    settledAt = reader.optionalInt()
    isAdopted = try reader.int() != 0
    resolution = reader.optionalText()
    place = try reader.int()
    self.texts = texts
    inverse?.texts = texts
  }
}
