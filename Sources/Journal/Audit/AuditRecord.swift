package import PrimitiveKit

/// One record of the audit chain; the time is milliseconds since 1970.
package struct AuditRecord: Sendable, Equatable {
  /// Its place, counted from 1 without gaps.
  package let seq: Int64
  package let at: Int64
  package let run: String?
  /// What happened, for example `operation.intend`.
  package let event: String
  /// JSON with sorted keys; the field `who` names the actor.
  package let body: String
  /// The hash of the record before; empty for the first.
  package let previous: String
  package let hash: String

  /// The body as a value; null when it cannot be read.
  package var value: Value {
    let value: Value? = try? OperationCoding().decode(Value.self, from: body)
    return value ?? .null
  }
}
