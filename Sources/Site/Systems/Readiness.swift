import Foundations
package import PrimitiveKit

/// What shows that a bot works after a start, and how long it may take; every probe must hold.
package struct Readiness: Sendable, Equatable {
  package enum Probe: Sendable, Equatable {
    case log(LogProbe)
    /// A socket of the host listens on this TCP port.
    case port(Int)
    /// `http://127.0.0.1:port` and the path answer with this status.
    case http(port: Int, path: String, status: Int)
    /// The file was written since the start, and no longer ago than this.
    case file(HostPath, age: Duration)
    /// The unit is in this state.
    case unit(name: String, state: String, isUser: Bool)
  }

  /// A line that the bot writes to its log after its start.
  package struct LogProbe: Sendable, Equatable {
    /// How a line is recognized.
    package enum Match: Sendable, Equatable {
      case text(String)
      /// An extended regular expression, as POSIX grep reads it.
      case pattern(String)
      /// The field holds the text.
      case field(String, has: String)
      /// The field is this.
      case fieldEquals(String, String)
    }

    package var match: Match
    /// The file; nil for the log that its runtime keeps.
    package var path: HostPath?
  }

  package var probes: [Probe]
  package var within: Duration

  /// How long a bot may take where nobody says.
  package static let usual = Duration.seconds(60)

  /// The same for one bot, with the templates filled in.
  func expanded(_ expand: (String) -> String) -> Readiness {
    var copy = self
    copy.probes = probes.map { probe in
      switch probe {
      case .log(var log):
        log.path = log.path.map { HostPath(expand($0.plain)) }
        return .log(log)
      case .file(let path, let age): return .file(HostPath(expand(path.plain)), age: age)
      case .unit(let name, let state, let isUser): return .unit(name: expand(name), state: state, isUser: isUser)
      case .port, .http: return probe
      }
    }
    return copy
  }

  /// The probes and the deadline, for a plan: `its log says "connected", within 30 s`.
  package var words: String { probes.map(\.words).joined(separator: " and ") + ", within \(within.words)" }
}

extension Readiness.Probe {
  /// What holds when the bot is ready.
  package var words: String {
    switch self {
    case .log(let log): "\(log.path.map { "\($0)" } ?? "its log") has \(log.match.words)"
    case .port(let port): "port \(port) is open"
    case .http(let port, let path, let status): "http://127.0.0.1:\(port)\(path) answers \(status)"
    case .file(let path, let age): "\(path) was written less than \(age.words) ago"
    case .unit(let name, let state, _): "\(name) is \(state)"
    }
  }
}

extension Readiness.LogProbe.Match {
  /// The line that it looks for.
  package var words: String {
    switch self {
    case .text(let text): "\"\(text)\""
    case .pattern(let pattern): "a line like /\(pattern)/"
    case .field(let field, let text): "\(field) with \"\(text)\""
    case .fieldEquals(let field, let text): "\(field)=\(text)"
    }
  }
}
