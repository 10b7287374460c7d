import Journal
import PrimitiveKit

extension AuditRecord {
  /// What happened, in a line of a timeline.
  var summary: String {
    guard let value = try? OperationCoding().decode(Value.self, from: body) else { return "" }
    let fields = value.tableFields
    let words = ["summary", "path", "text", "question", "state", "reason", "answer", "message"].compactMap { name in
      if case .string(let text)? = fields[name], !text.isEmpty { text } else { nil }
    }
    return words.prefix(3).joined(separator: ": ")
  }
}
