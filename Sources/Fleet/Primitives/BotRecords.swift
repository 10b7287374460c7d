import PrimitiveKit
import Site

/// The end of one bot's log.
struct LogRecord: Record, Sendable {
  let bot: String
  let host: String
  let text: String

  static var luaType: String { "fleet.Log" }
  static let columns: [Column<Self>] = [
    Column(\.bot, "bot", "Name"),
    Column(\.host, "host", "Host it is on"),
    Column(\.text, "text", "The lines"),
  ]
}

/// Whether a host's script is ours.
struct DriftRecord: Record, Sendable {
  let host: String
  let state: String
  let ours: String
  let theirs: String
  var note = ""

  static var luaType: String { "fleet.Drift" }
  static let columns: [Column<Self>] = [
    Column(\.host, "host", "Name"),
    Column(\.state, "state", "current, missing, changed or unreachable"),
    Column(\.ours, "ours", "SHA-256 of the script opsh installs"),
    Column(\.theirs, "theirs", "SHA-256 of the script on the host"),
    Column(\.note, "note", "Why this is unknown"),
  ]
}
