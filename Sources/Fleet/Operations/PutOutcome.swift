package import PrimitiveKit

/// What lies at a path after a file was put there.
package struct PutOutcome: ValueConvertible, Codable, Sendable, Equatable {
  /// The SHA-256 of the content, in hex.
  package let digest: String
  /// In a prediction, the SHA-256 of what lay there when it was made; nil when nothing did, and afterwards.
  package let before: String?

  package static var luaType: String { "fleet.PutOutcome" }

  init(digest: String, before: String? = nil) {
    self.digest = digest
    self.before = before
  }

  package init(_ value: Value) throws(ConversionError) {
    guard case .string(let digest) = value["digest"] else {
      throw ConversionError(expected: "what became of a file", found: value)
    }
    self.init(digest: digest, before: try String?(value["before"]))
  }

  package var value: Value { .table(["digest": digest.value, "before": before.value]) }
}
