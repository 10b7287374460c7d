import Foundations
import PrimitiveKit

/// A person's decision to keep using a journal despite what `verify` finds, as an audit record keeps it.
struct Acceptance {
  static let event = "audit.accept"

  let seq: Int64
  let hash: String
  /// The SHA-256 of what each accepted problem says.
  let problems: Set<String>
  /// Who, why and how much, for the report.
  let words: String

  /// Nil for a record of something else.
  init?(_ record: AuditRecord) {
    guard record.event == Acceptance.event, record.hash == record.expectedHash else { return nil }
    seq = record.seq
    hash = record.hash
    let fields = AuditFields(record.body)
    let digests: [String]? = try? OperationCoding().decode([String].self, from: fields.json("problems") ?? "[]")
    problems = Set(digests ?? [])
    let name = fields.fields("who").text("operator") ?? "somebody"
    words = "\(problems.count) accepted by \(name): \(fields.text("reason") ?? "")"
  }

  /// What a record of it says.
  static func fields(_ problems: [AuditProblem], reason: String) -> [String: JSONText] {
    [
      "reason": .string(reason), "problems": .list(problems.map { .string(digest($0)) }),
      "found": .list(problems.prefix(20).map { .string($0.message) }),
    ]
  }

  /// Whether it covers a problem.
  func covers(_ problem: AuditProblem) -> Bool { problems.contains(Acceptance.digest(problem)) }

  private static func digest(_ problem: AuditProblem) -> String { SHA256(hashing: problem.message.utf8).hex }
}
