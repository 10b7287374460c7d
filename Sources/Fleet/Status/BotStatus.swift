import HostScript
package import PrimitiveKit
import Site

/// What is known of one bot, read from the host just now.
package struct BotStatus: Record, Sendable, Equatable, Codable {
  package var bot: String
  package var host: String
  /// `running`, `down`, `crashed`, `unreachable` when its host did not answer, or `failed` or `unknown` after a change that ended
  /// so and left nobody to look.
  package var state: String
  /// The image of the running process, by name; empty when nothing runs.
  package var image: String
  /// Its digest, proven by the running executable.
  package var digest: String
  /// `yes`, `waiting`, `limited`, `no`, or `unknown`.
  package var login: String
  package var processID: Int?
  /// Seconds since its start.
  package var uptime: Int?
  /// Seconds since its last heartbeat.
  package var heartbeat: Int?
  /// Why it is unknown, or what is unusual.
  package var note: String
  /// Whether a start, stop or restart changed it; nil where none was asked for, or it is unknown.
  package var isChanged: Bool?
  /// The mode of its stop mark: `stop`, `close_only` or `halt_all`; nil where it has none.
  package var mark: String?
  /// True where a latch forbade that; else nil.
  package var isRefused: Bool?
  /// True where the host says that the change failed, whatever is running now; else nil.
  package var isFailed: Bool?
  /// The bots and units of its host that are stopped with it, where there are any and a change of it was planned.
  package var drags: [String]?
  /// True where a fault of this machine kept the change from being sent; else nil.
  package var isUnsent: Bool?

  package static var luaType: String { "fleet.Bot" }
  package static let columns: [Column<Self>] = [
    Column(\.bot, "bot", "Name"),
    Column(\.host, "host", "Host it runs on"),
    Column(\.state, "state", "running, down, crashed, unreachable, failed or unknown"),
    Column(\.image, "image", "Image of the running process"),
    Column(\.login, "login", "yes, waiting, limited, no or unknown"),
    Column(\.processID, "pid", "Process id"),
    Column(\.uptime, "uptime", "Seconds since its start"),
    Column(\.heartbeat, "heartbeat", "Seconds since its last heartbeat"),
    Column(\.note, "note", "Why it is unknown, or what is unusual"),
    Column(\.digest, "digest", "Digest of the image"),
  ]

  package var isRunning: Bool { state == "running" }
  /// The same as a plan promises it: without what is another a second later, or after the change.
  var promised: BotStatus {
    var bot = self
    (bot.processID, bot.uptime, bot.heartbeat) = (nil, nil, nil)
    bot.login = "unknown"
    return bot
  }

  /// Whether nobody has looked at it.
  var isUnseen: Bool { ["unreachable", "unknown", "failed"].contains(state) }
  /// Whether no change may start it until somebody lifts its latch.
  var isLatched: Bool { mark != nil && mark != StopMode.stop.rawValue }
  package var isLoggedIn: Bool { isRunning && login == "yes" }
}

extension HostBot {
  /// What is unusual about it.
  fileprivate var note: String {
    let parts = [detail, drift].compactMap(\.self)
    return parts.isEmpty
      ? hasPrevious ? "the previous version is still on the host" : "" : parts.joined(separator: "; ")
  }
}

extension BotStatus {
  /// A bot whose host gave no answer.
  static func unreachable(_ bot: String, host: String, why: String) -> BotStatus {
    BotStatus(
      bot: bot,
      host: host,
      state: "unreachable",
      image: "",
      digest: "",
      login: "unknown",
      note: why
    )
  }

  /// A bot that could not be read: its host gave no answer, or it was not asked, for a reason that lies elsewhere.
  static func unread(_ bot: String, host: String, _ failure: CallFailure) -> BotStatus {
    let why = failure.reason(on: host)
    return failure.failureClass == .unavailable
      ? .unreachable(bot, host: host, why: why) : .unknown(bot, host: host, why: why)
  }

  /// A bot that a change was begun on and that nobody has read since.
  static func unknown(_ bot: String, host: String, why: String) -> BotStatus {
    BotStatus(bot: bot, host: host, state: "unknown", image: "", digest: "", login: "unknown", note: why)
  }

  /// A bot of a host on which a change of it ended with a failure.
  static func after(_ failure: CallFailure, _ bot: String, host: String) -> BotStatus {
    var status = unknown(bot, host: host, why: failure.reason(on: host))
    status.state = failure.reportedState
    if failure.isLocal { status.isUnsent = true }
    return status
  }

  /// A bot in a plan that cannot tell what an earlier step leaves of it: as the change is to leave it.
  static func assumed(_ bot: String, host: String, isRunning: Bool) -> BotStatus {
    var status = unknown(bot, host: host, why: "assumed: an earlier step may have changed it")
    status.state = isRunning ? "running" : "down"
    return status
  }

  /// A bot as the host script described it; `now` is the host's own clock, in seconds since 1970 (RX-10).
  init(_ bot: HostBot, host: String, now: Int?) {
    self.init(
      bot: bot.name,
      host: host,
      state: bot.state.rawValue,
      image: bot.image,
      digest: bot.digest,
      login: bot.login.rawValue,
      processID: bot.pid,
      uptime: bot.started.flatMap { started in now.map { max(0, $0 - started) } },
      heartbeat: bot.heartbeatAge,
      note: bot.mark ?? bot.note,
      mark: bot.markMode
    )
  }
}
