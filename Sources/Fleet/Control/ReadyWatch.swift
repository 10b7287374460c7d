import Foundations
import HostScript
import PrimitiveKit
import Site

/// Where a host stands before a bot is started: what its log and its files say later is of that start.
struct ReadyPlace: Codable, Sendable, Equatable {
  /// Where its log ends, in the words of its runtime.
  var log: String?
  /// The file that is watched instead, and its bytes: `INODE.SIZE`.
  var file: String?
  /// The host's clock, in seconds since 1970.
  var now: Int?
}

/// Asks whether a bot is ready, again and again until it is or its time is up.
struct ReadyWatch: Sendable {
  let bot: String
  let readiness: Readiness
  let calls: HostCalls
  let clock: any Clock<Duration>

  /// Between two questions.
  private static let pause = Duration.milliseconds(500)
  /// The longest that one question may take.
  private static let patience = Duration.seconds(10)
  /// How far ahead of the clock of its host a file may be, in seconds: that of a network file system is another's.
  private static let aheadLimit = 5

  /// Where the host stands now; throws what keeps the host from saying it.
  func place() async throws(CallFailure) -> ReadyPlace {
    var place = ReadyPlace()
    for probe in readiness.probes {
      switch probe {
      case .log(let log):
        if let path = log.path {
          place.file = try await ask("stat -c '%i.%s' -- \(path.word) 2>/dev/null || echo 0.0").first
        } else {
          place.log = try await logLines(after: "end", []).first { $0["place"] != nil }?["place"]
        }
      case .file: place.now = try await ask("date +%s").first.flatMap { Int($0) }
      case .port, .http, .unit: break
      }
    }
    return place
  }

  /// Waits until every probe holds; answers why it is not ready when the time is up, nil once it is.
  ///
  /// Without a place nothing was started: what a start would have left behind is not looked for. Throws what ends the
  /// call, such as Ctrl-C.
  func wait(from place: ReadyPlace?) async throws(CallFailure) -> String? {
    let elapsed = clock.stopwatch()
    while true {
      let why = await unmet(place)
      guard let why else { return nil }
      guard elapsed() < readiness.within else { return "not ready within \(readiness.within.words): \(why)" }
      do {
        try await clock.sleep(for: ReadyWatch.pause)
      } catch {
        throw .cancelled
      }
    }
  }

  /// The first probe that does not hold, in words.
  private func unmet(_ place: ReadyPlace?) async -> String? {
    for probe in readiness.probes {
      do throws(CallFailure) {
        if let why = try await unmet(probe, place) { return why }
      } catch {
        return "cannot tell whether \(probe.words): \(error.reason(on: calls.host.name))"
      }
    }
    return nil
  }

  private func unmet(_ probe: Readiness.Probe, _ place: ReadyPlace?) async throws(CallFailure) -> String? {
    switch probe {
    case .log(let log):
      guard let place else { return nil }
      return try await hasLine(log, place)
        ? nil : "no line of \(log.path.map { "\($0)" } ?? "its log") has \(log.match.words)"
    case .port(let port):
      let found = try await ask(ListeningPort(port).command).first
      guard let found, let counts = ListeningPort.read(found) else { return "the host does not list its sockets" }
      return counts > 0 ? nil : "port \(port) is not open"
    case .http(let port, let path, let status):
      let url = ShellQuote.word("http://127.0.0.1:\(port)\(path)")
      let get = "curl -s -o /dev/null -w '%{http_code}\\n' --noproxy '*' --max-time 5 \(url)"
      let found = try await ask("command -v curl >/dev/null || { echo none; exit 0; }; \(get); :").first
      switch found {
      case "none": return "cannot tell whether \(probe.words): the host has no curl"
      case "\(status)": return nil
      case nil, "000": return "port \(port) does not answer over HTTP"
      case let other?: return "http://127.0.0.1:\(port)\(path) answers \(other)"
      }
    case .file(let path, let age):
      let words = try await ask("stat -c %Y -- \(path.word) 2>/dev/null || echo none; date +%s")
      guard let written = words.first.flatMap({ Int($0) }), let now = words.last.flatMap({ Int($0) }) else {
        return "\(path) does not exist"
      }
      // A time that is still to come cannot tell when it was written.
      if written > now + ReadyWatch.aheadLimit {
        return "\(path) was written \(Duration.seconds(written - now).words) in the future: a clock is wrong"
      }
      if let start = place?.now, written < start { return "\(path) was not written since the start" }
      return Duration.seconds(now - written) <= age
        ? nil : "\(path) was written \(Duration.seconds(now - written).words) ago"
    case .unit(let name, let state, let isUser):
      let found = try await ask("\(UnitQuestion.show(["LoadState", "ActiveState"], of: name, isUser: isUser))")
      guard found.contains("LoadState=loaded") else { return "systemd has no unit \(name) there" }
      let now = found.first { $0.hasPrefix("ActiveState=") }?.dropFirst("ActiveState=".count) ?? "unknown"
      return now == state ? nil : "\(name) is \(now)"
    }
  }

  /// Whether the log has the line since the start.
  private func hasLine(_ log: Readiness.LogProbe, _ place: ReadyPlace) async throws(CallFailure) -> Bool {
    let lines: [String]
    let filter = LogFilter(log.match)
    if let path = log.path {
      lines = try await ask(filter.command(path, after: place.file ?? "0.0"))
    } else {
      lines = try await logLines(after: place.log ?? "0.0", filter.arguments).compactMap { $0["line"] }
    }
    return lines.contains(where: filter.fits)
  }

  /// What the log of the bot's runtime has after a place; no lines, but the place itself, after `end`.
  private func logLines(after place: String, _ filter: [String]) async throws(CallFailure) -> [HostLine] {
    try await calls.read(["logs", "--bots", bot, "--after", place] + filter, timeout: ReadyWatch.patience)
      .filter { $0.subject == bot && $0.kind == .log }
  }

  /// The lines that a command prints; throws where it cannot be run, or fails.
  private func ask(_ line: String) async throws(CallFailure) -> [String] {
    let result = try await calls.send(
      CommandRequest(line: line, timeout: ReadyWatch.patience, effect: .reads, outputLimit: 256 << 10)
    )
    guard result.status == 0 else {
      let said = String(decoding: result.errorOutput.prefix(200), as: UTF8.self).split(whereSeparator: \.isNewline)
        .first
      let how = result.status.map { "status \($0)" } ?? "signal \(result.signal ?? "unknown")"
      throw CallFailure(.failed, code: "host.question", message: said.map { "\(how): \($0)" } ?? how)
    }
    return String(decoding: result.output, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
  }
}
