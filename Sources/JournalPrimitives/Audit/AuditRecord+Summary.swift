import Journal
import PrimitiveKit

extension AuditRecord {
  /// What happened, in a line of a timeline.
  var summary: String {
    guard let value = try? OperationCoding().decode(Value.self, from: body) else { return "" }
    var fields = value.tableFields
    if let failure = fields["failure"]?["message"] { fields["message"] = failure }
    // The key of an operation ends in the hash of its content.
    if case .string(let key)? = fields["key"] {
      fields["key"] = fields["summary"] == nil ? .string(String(key.prefix { $0 != "#" })) : nil
    }
    if let predicted = fields["predicted"], let matched = fields["matched"],
      case .string(let kind)? = fields["kind"]
    {
      let words = "\(matched.literal) of \(predicted.literal) predictions were right"
      return "\(kind): \(predicted == .int(0) ? "nothing was predicted" : words)"
    }
    let names = [
      "step", "key", "summary", "path", "text", "question", "state", "status", "reason", "answer", "message",
    ]
    let words = names.compactMap { name in
      if case .string(let text)? = fields[name], !text.isEmpty { text } else { nil }
    }
    return words.prefix(3).joined(separator: ": ")
  }
}
