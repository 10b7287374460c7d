/// Knows which releases turned out bad, so that they are not rolled out again.
package protocol ReleaseMarks: Sendable {
  /// Why an image is marked bad, by its digest `sha256:…`; nil when it is not.
  ///
  /// Throws `journal.*`.
  func bad(_ digest: String) async throws(CallFailure) -> String?

  /// Another number once this process changed a mark: what was read before may be wrong.
  var edition: Int { get }
}

extension ReleaseMarks {
  package var edition: Int { 0 }
}

/// No release is marked: for tests, and where there is no journal.
package struct NoReleaseMarks: ReleaseMarks {
  package init() {}
  package func bad(_ digest: String) async throws(CallFailure) -> String? { nil }
}
