package import PrimitiveKit

/// A variable of a command, whose value no journal holds.
package struct SealedVariable: Codable, Sendable, Equatable {
  package let name: String
  package let text: SealedText

  package init(_ name: String, _ text: SealedText) { (self.name, self.text) = (name, text) }

  /// Bytes: a system takes no variable of 128 KiB.
  static var limit: Int { 130_000 }
}

/// Variables as a script gives them: texts and secrets.
struct CommandVariables: ValueConvertible {
  let texts: [String: PrivateText]

  static var luaType: String { "table<string, string|Secret>" }

  init(_ texts: [String: PrivateText] = [:]) { self.texts = texts }

  init(_ value: Value) throws(ConversionError) {
    var texts: [String: PrivateText] = [:]
    switch value {
    case .table(let fields):
      for (name, field) in fields.sorted(by: { $0.key < $1.key }) {
        // Those of opsh say which run a command belongs to.
        guard VariableName.isOne(name), !name.hasPrefix("OPSH_") else {
          throw ConversionError(
            expected: "names of variables: letters, digits and _, none that begins with OPSH_",
            found: .string(name)
          )
        }
        if case .int(let number) = field {
          texts[name] = .bytes(Array("\(number)".utf8))
        } else {
          texts[name] = try PrivateText(field)
        }
      }
    case .array(let items) where items.isEmpty: break
    default:
      throw ConversionError(
        expected: "a table of variables",
        found: value,
        hint: #"for example { PGPASSWORD = secret "rocky_db", TZ = "UTC" }"#
      )
    }
    self.texts = texts
  }

  var value: Value { .table(texts.mapValues(\.value)) }

  /// What a journal holds of them: the name of a secret, of everything else only that it was set.
  var recorded: Value {
    .table(
      texts.mapValues { text in
        if case .secret(let secret) = text { secret.value } else { .bool(true) }
      }
    )
  }

  /// The variables as a change holds them; throws `secret.*`.
  func sealed(in world: World) async throws(CallFailure) -> [SealedVariable] {
    var sealed: [SealedVariable] = []
    for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
      sealed.append(SealedVariable(name, try await text.sealed(in: world)))
    }
    return sealed
  }
}
