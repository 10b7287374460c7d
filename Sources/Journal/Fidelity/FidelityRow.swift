/// How often predictions of one kind of operation came true, over all runs.
package struct FidelityRow: Sendable, Equatable {
  /// Of the operation, such as `bots.swap`.
  package let kind: String
  package let runs: Int
  package let predicted: Int
  package let matched: Int
  /// Of the newest of these runs, in milliseconds since 1970.
  package let lastAt: Int64

  /// The share that came true, 0 to 1; nil when nothing was predicted.
  package var ratio: Double? { predicted == 0 ? nil : Double(matched) / Double(predicted) }
}
