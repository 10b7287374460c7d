import PrimitiveKit

/// How a kind of bot is run on a host: the driver functions of a plugin and the settings they see.
package struct RuntimeDriver: Sendable, Equatable {
  /// What a driver must be able to do (the runtime interface).
  package static let verbs = ["pull", "start", "stop", "rename", "remove", "inspect", "list", "logs"]

  package let name: String
  /// POSIX sh that defines one function a verb.
  package let script: String
  /// Variables that are set when the functions run.
  package let environment: [String: String]
  /// Names that no bot may have, because the runtime gives them to something else; `*` stands for any text.
  package let reserved: [String]

  /// Checks that the script defines every verb; throws `plugin.invalid`.
  init(name: String, script: String, verbs: Value, environment: Value, reserved: Value = .null) throws(CallFailure) {
    guard PlainName.isPlain(name) else {
      throw Reader.invalid("the name of a runtime", expected: PlainName.expected, got: Value.string(name).literal)
    }
    do {
      self.reserved = try [String]?(reserved) ?? []
    } catch {
      throw Reader.invalid("runtime '\(name)': reserved", expected: "a list of names", got: reserved.literal)
    }
    for verb in RuntimeDriver.verbs {
      guard case .string(let function) = verbs[verb], function == "driver_\(verb)" else {
        throw Reader.invalid(
          "runtime '\(name)': verbs.\(verb)",
          expected: "\"driver_\(verb)\"",
          got: verbs[verb].literal
        )
      }
      guard script.split(separator: "\n").contains(where: { $0.hasPrefix("\(function)()") }) else {
        throw CallFailure(
          .invalid,
          code: "plugin.invalid",
          message: "runtime '\(name)': its script does not define the function \(function)"
        )
      }
    }
    guard case .table(let variables) = environment else {
      throw Reader.invalid("runtime '\(name)': environment", expected: "a table", got: environment.typeName)
    }
    var texts: [String: String] = [:]
    for (key, value) in variables {
      switch value {
      case .string(let text): texts[key] = text
      case .int(let number): texts[key] = "\(number)"
      case .bool(let flag): texts[key] = flag ? "yes" : "no"
      default:
        throw Reader.invalid("runtime '\(name)': environment.\(key)", expected: "a string", got: value.typeName)
      }
    }
    self.name = name
    self.script = script
    self.environment = texts
  }

  /// The word of the list that a bot's name falls under; nil for a name that it may have.
  package func reserves(_ bot: String) -> String? { reserved.first { Wildcard($0).matches(bot) } }
}
