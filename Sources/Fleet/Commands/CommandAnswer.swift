import PrimitiveKit

/// What a command on hosts answers to a script.
struct CommandAnswer: Record, Sendable {
  let value: Value

  static var luaType: String { [CommandReport].luaType }
  static var fields: [FieldInfo] { [CommandReport].fields }

  /// The answer of a dry run, which does not run it.
  static func unknown(of primitive: String) -> CommandAnswer {
    let why = "what a command does is not known before it ran"
    return CommandAnswer(value: .unknown(Unknown(why: why, origin: primitive)))
  }
}
