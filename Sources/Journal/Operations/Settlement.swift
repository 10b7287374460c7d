import Foundations
import PrimitiveKit

/// The end of an operation as columns and as fields of its audit record.
struct Settlement: Sendable {
  /// `state`, `outcome`, `inverse`, `failure`, `adopted`.
  let values: [DatabaseValue]
  let fields: [String: JSONText]

  /// Throws `journal.coding`.
  init(_ end: OperationEnd) throws(CallFailure) {
    switch end {
    case .done(let outcome, let inverse, let isAdopted):
      let undo = try inverse.map { (inverse) throws(CallFailure) in try OperationCoding().encode(inverse) }
      values = [.text("done"), .text(outcome), .optional(undo), .null, .int(isAdopted ? 1 : 0)]
      fields = [
        "status": .string("done"), "adopted": .bool(isAdopted), "reversible": .bool(inverse != nil),
        "outcome_sha256": .string(SHA256(hashing: outcome.utf8).hex),
        "inverse_sha256": .optional(undo.map { SHA256(hashing: $0.utf8).hex }),
      ]
    case .failed(let failure): (values, fields) = try Settlement.ended("failed", failure)
    case .unknown(let failure): (values, fields) = try Settlement.ended("unknown", failure)
    case .notDone:
      values = [.text("not_done"), .null, .null, .null, .int(0)]
      fields = ["status": .string("not_done")]
    }
  }

  private static func ended(
    _ state: String,
    _ failure: CallFailure
  ) throws(CallFailure) -> ([DatabaseValue], [String: JSONText]) {
    let text = try OperationCoding().encode(failure)
    return (
      [.text(state), .null, .null, .text(text), .int(0)],
      ["status": .string(state), "failure": .raw(text)]
    )
  }
}
