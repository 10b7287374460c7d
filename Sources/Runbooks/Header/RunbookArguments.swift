package import PrimitiveKit

/// The arguments of a run: a value for each parameter that has one.
package struct RunbookArguments: Sendable, Equatable {
  /// By the name of the parameter.
  package let values: [String: Value]
  /// As JSON with sorted keys: equal arguments are equal texts.
  package let json: String

  /// Throws `journal.coding` for a value that JSON cannot hold.
  package init(_ values: [String: Value]) throws(CallFailure) {
    self.values = values
    json = try OperationCoding().encode(Value.table(values))
  }

  /// The SHA-256 of the JSON, in hexadecimal digits.
  package var hash: String { SHA256(hashing: json.utf8).hex }

  /// The table that Lua gets.
  package var table: Value { .table(values) }
}
