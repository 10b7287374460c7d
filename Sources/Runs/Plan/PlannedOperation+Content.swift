import PrimitiveKit

extension PlannedOperation {
  /// The fields of an operation by their path, such as `host.address`; long texts and whole contents by a digest.
  static func content(of text: String) -> [String: String]? {
    guard let value = try? OperationCoding().decode(Value.self, from: text) else { return nil }
    var fields: [String: String] = [:]
    collect(value, at: "", into: &fields)
    return fields
  }

  private static func collect(_ value: Value, at path: String, into fields: inout [String: String]) {
    switch value {
    case .table(let members):
      for (name, member) in members { collect(member, at: path.isEmpty ? name : "\(path).\(name)", into: &fields) }
    case .array(let elements):
      for (index, element) in elements.enumerated() { collect(element, at: "\(path)[\(index + 1)]", into: &fields) }
    case .string(let text):
      // A text that a journal interns begins like this; what it says is nobody's business here.
      let isOpaque = text.count > 80 || text.hasPrefix("=") || text.hasPrefix("#")
      fields[path] = isOpaque ? "#" + SHA256(hashing: text.utf8).hex.prefix(12) : text
    default: fields[path] = value.literal
    }
  }

  /// In what another operation on the same target is not this one; empty where that is unknown.
  func differences(from now: PlannedOperation) -> String {
    let (before, after) = (content ?? [:], now.content ?? [:])
    let paths = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }.sorted()
    let words = paths.prefix(4).map { PlannedOperation.words($0, before[$0], after[$0]) }
    return (words + (paths.count > 4 ? ["and \(paths.count - 4) more"] : [])).joined(separator: "; ")
  }

  private static func words(_ path: String, _ before: String?, _ after: String?) -> String {
    let path = path.hasPrefix("host.") ? String(path.dropFirst(5)) : path
    let name = ["encoded": "content", "given": "input"][path] ?? path
    if [before, after].contains(where: { $0?.hasPrefix("#") == true }) { return "another \(name)" }
    func word(_ text: String?) -> String {
      guard let text else { return "none" }
      return name == "mode" ? Int(text).map { String($0, radix: 8) } ?? text : text
    }
    return "\(name) \(word(after)), was \(word(before))"
  }
}
