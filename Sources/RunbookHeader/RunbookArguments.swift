package import PrimitiveKit

/// The arguments of a run: a value for each parameter that has one.
package struct RunbookArguments: Sendable, Equatable {
  /// By the name of the parameter.
  package let values: [String: Value]
  /// As JSON with sorted keys: equal arguments are equal texts.
  package let json: String
  /// The names of those that nobody gave and the site did.
  package let fromSite: [String]

  /// Throws `journal.coding` for a value that JSON cannot hold.
  package init(_ values: [String: Value], fromSite: [String] = []) throws(CallFailure) {
    self.values = values
    self.fromSite = fromSite
    json = try OperationCoding().encode(Value.table(values))
  }

  /// The SHA-256 of the JSON, in hexadecimal digits.
  package var hash: String { SHA256(hashing: json.utf8).hex }

  /// The secrets among them, each with the name of its parameter, in the order of these names.
  package var secrets: [(parameter: String, secret: Secret)] {
    var secrets: [(parameter: String, secret: Secret)] = []
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      for case .secret(let secret) in (try? [Value](value)) ?? [value] { secrets.append((name, secret)) }
    }
    return secrets
  }

  /// The table that Lua gets.
  package var table: Value { .table(values) }

  /// A text with the values in place of `{name}`, as they would be typed; a name without a value stays as it is.
  package func filled(_ template: String) -> String {
    let pieces = LockTemplate.pieces(of: template).map { piece in
      switch piece {
      case .text(let text): text
      case .parameter(let names):
        names.lazy.compactMap { values[$0] }.first.map(RunbookParameter.word) ?? "{\(names.joined(separator: "|"))}"
      }
    }
    return pieces.joined()
  }
}
