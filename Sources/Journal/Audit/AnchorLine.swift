/// One line of an `AnchorFile`: the hash that a record of a journal had when it was the newest.
struct AnchorLine: Codable, Sendable, Equatable {
  /// The id of the journal, so that another one in its place is noticed.
  let journal: String
  let seq: Int64
  let hash: String
  /// Milliseconds since 1970.
  let at: Int64
  let run: String?
}
