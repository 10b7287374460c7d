package import Foundation

extension JSONEncoder {
  /// Sorted keys and plain slashes, so that equal values make equal texts; `more` such as `.prettyPrinted`.
  package static func stable(_ more: OutputFormatting = []) -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = more.union([.sortedKeys, .withoutEscapingSlashes])
    return encoder
  }

  /// The value as text; throws what cannot be encoded.
  package func text(of value: some Encodable) throws -> String { String(decoding: try encode(value), as: UTF8.self) }
}
