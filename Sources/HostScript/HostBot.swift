/// A bot as its host sees it, from a `bot` line of `inspect` or `list`.
package struct HostBot: Sendable, Equatable {
  /// What the host can prove about the process.
  package enum State: String, Sendable {
    case running, down, crashed
    /// The pid file names a process that is not the bot's.
    case stalePID = "stale-pid"
    /// Whoever runs it gave no answer, and nothing else shows whether it runs.
    case unknown
  }

  /// What the bot says of its login, as far as it can be believed.
  package enum Login: String, Sendable {
    case yes, waiting, limited, no
    /// No fresh heartbeat of the running process: never to be counted as logged in (R1-35).
    case unknown
  }

  /// The bot's name.
  package let name: String
  /// Whether it runs.
  package var state: State
  /// The name of the image.
  package var image: String
  /// `sha256:…` of the image the running process was started from; of the configured one where nothing runs.
  package var digest: String
  /// The process, where one runs.
  package var pid: Int?
  /// When the process started, in seconds since 1970.
  package var started: Int?
  /// How often a supervisor has started it anew, where one counts.
  package let restarts: Int?
  /// Whether it is logged in.
  package var login: Login
  /// Age of the last heartbeat in seconds.
  package var heartbeatAge: Int?
  /// The old version is still kept beside the new one.
  package let hasPrevious: Bool
  /// The state an unfinished swap stopped in.
  package let unfinishedSwap: String?
  /// Why the bot is not running, where the host knows.
  package let detail: String?
  /// What is odd about how its host is told to run it, such as a unit file that was changed by hand.
  package let drift: String?
  /// The bots and other units that its host stops or restarts with it, as they stand.
  package var drags: [String]
  /// Who stopped it and why, where a stop mark lies on the host.
  package var mark: String?
  /// The mode of that mark: `stop`, `close_only` or `halt_all`.
  package var markMode: String?

  /// Whether no change may start it until somebody lifts its latch.
  package var isLatched: Bool { markMode != nil && markMode != "stop" }

  /// Reads a `bot` line.
  ///
  /// - Throws: `HostScriptError` naming the field that is missing or wrong.
  package init(_ line: HostLine) throws(HostScriptError) {
    guard line.kind == .bot else { throw .malformedLine(line.text) }
    guard let state = State(rawValue: try line.required("state")) else { throw .badField("state", line: line.text) }
    guard let login = Login(rawValue: try line.required("login")) else { throw .badField("login", line: line.text) }
    name = line.subject
    self.state = state
    self.login = login
    image = try line.required("image")
    digest = try line.required("digest")
    pid = try line.integer("pid")
    started = try line.integer("started")
    restarts = try line.integer("restarts")
    heartbeatAge = try line.integer("heartbeat_age")
    hasPrevious = try line.required("prev") == "present"
    unfinishedSwap = line["swap"]
    detail = line["detail"]
    drift = line["drift"]
    drags = line["drags"]?.split(separator: " ").map(String.init) ?? []
    mark = line["mark_by"]
    markMode = line["mark"]
  }
}
