import PrimitiveKit
import Site

/// The end of one bot's log.
struct LogRecord: Record, Sendable {
  let bot: String
  let host: String
  let text: String

  static var luaType: String { "fleet.Log" }
  static var fields: [FieldInfo] {
    [
      FieldInfo("bot", "string", "Name"),
      FieldInfo("host", "string", "Host it is on"),
      FieldInfo("text", "string", "The lines"),
    ]
  }

  var value: Value { .table(["bot": bot.value, "host": host.value, "text": text.value]) }
}

/// Whether a host's script is ours.
struct DriftRecord: Record, Sendable {
  let host: String
  let state: String
  let ours: String
  let theirs: String
  var note = ""

  static var luaType: String { "fleet.Drift" }
  static var fields: [FieldInfo] {
    [
      FieldInfo("host", "string", "Name"),
      FieldInfo("state", "string", "current, missing, changed or unreachable"),
      FieldInfo("ours", "string", "SHA-256 of the script opsh installs"),
      FieldInfo("theirs", "string", "SHA-256 of the script on the host"),
      FieldInfo("note", "string", "Why it is not known"),
    ]
  }

  var value: Value {
    .table([
      "host": host.value, "state": state.value, "ours": ours.value, "theirs": theirs.value, "note": note.value,
    ])
  }
}
