import Foundations
import PrimitiveKit

/// The hash that a record of a journal had when it was the newest, as it is kept outside of the database.
package struct AuditHead: Codable, Sendable, Equatable {
  /// The id of the journal, so that another one in its place is noticed.
  let journal: String
  package let seq: Int64
  let hash: String
  /// Milliseconds since 1970.
  let at: Int64
  let run: String?

  /// The head as one line of JSON.
  package var text: String {
    JSONText.object([
      "at": .int(at), "hash": .string(hash), "journal": .string(journal), "run": .optional(run), "seq": .int(seq),
    ]).text
  }
}

extension AuditHead {
  /// Reads a line of a log, which may begin with words of its own; nil for one that holds no head.
  init?(_ line: some StringProtocol) {
    guard let start = line.firstIndex(of: "{"), let end = line.lastIndex(of: "}"), start < end else { return nil }
    let head: AuditHead? = try? OperationCoding().decode(AuditHead.self, from: String(line[start...end]))
    guard let head else { return nil }
    self = head
  }
}

/// One line of an `AnchorFile`.
typealias AnchorLine = AuditHead
