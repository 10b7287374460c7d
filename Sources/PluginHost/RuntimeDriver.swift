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

  /// Checks what `init.lua` declares, and that the script defines every verb.
  init(name: String, script: String, declared: DataField, environment: DataField) throws(DataError) {
    try declared.allow(["script", "verbs", "environment", "reserved"])
    var reserved: [String] = []
    for field in try declared.optional("reserved")?.list("a list of names") ?? [] {
      reserved.append(try field.string("a name"))
    }
    self.reserved = reserved
    let verbs = try declared.required("verbs", "a table with a function of the script for each verb")
    try verbs.allow(RuntimeDriver.verbs)
    for verb in RuntimeDriver.verbs {
      let function = "driver_\(verb)"
      let field = try verbs.required(verb, "\"\(function)\"")
      guard field.value == .string(function) else { throw field.wrong("\"\(function)\"") }
      guard script.split(separator: "\n").contains(where: { $0.hasPrefix("\(function)()") }) else {
        throw DataError(
          path: field.path,
          expected: "a function of the script",
          got: "'\(function)', which the script does not define"
        )
      }
    }
    var texts: [String: String] = [:]
    for (key, field) in try environment.entries("a table of variables") {
      switch field.value {
      case .string(let text): texts[key] = text
      case .int(let number): texts[key] = "\(number)"
      case .bool(let flag): texts[key] = flag ? "yes" : "no"
      default: throw field.wrong("a string")
      }
    }
    self.name = name
    self.script = script
    self.environment = texts
  }

  /// The word of the list that a bot's name falls under; nil for a name that it may have.
  package func reserves(_ bot: String) -> String? { reserved.first { Wildcard($0).matches(bot) } }
}
