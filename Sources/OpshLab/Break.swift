import PrimitiveKit

/// A way to break a host of a lab.
package enum Break: String, CaseIterable, Sendable, Codable {
  case crash, deaf, edited, flood, hang, hostkey, laggard, nologin, pull, script, slow, sshd
  case diskFull = "disk-full"
  case crashLoop = "crash-loop"
  case sidecarKilled = "sidecar-killed"
  case sidecarLost = "sidecar-lost"

  /// Whether only hosts with systemd can be broken that way.
  var needsUnits: Bool { [.crashLoop, .edited, .sidecarKilled, .sidecarLost].contains(self) }

  /// The effect, for help.
  package var summary: String {
    switch self {
    case .crash: "bots exit with an error at their next start"
    case .crashLoop: "the first trader crashes at every start (systemd)"
    case .deaf: "bots ignore SIGTERM"
    case .diskFull: "writes fail, for running bots and for every login"
    case .edited: "the unit file of the last trader is changed by hand (systemd)"
    case .flood: "bots fill their logs with errors"
    case .hang: "sshd accepts connections and never answers; sessions freeze"
    case .hostkey: "sshd presents a different host key"
    case .laggard: "bots take 20 s to log in after their next start"
    case .nologin: "the login service logs the bots out and refuses them"
    case .pull: "no image can be read (~/registry is gone)"
    case .script: "the uploaded scripts in ~/.opsh/bin are damaged"
    case .sidecarKilled: "the source of the data is killed once, by SIGKILL (systemd)"
    case .sidecarLost: "the source of the data is stopped alone; traders run on without it (systemd)"
    case .slow: "every command starts 3 s late"
    case .sshd: "connections are refused; sessions end"
    }
  }

  init(named name: String) throws(LabError) {
    guard let kind = Break(rawValue: name) else {
      throw .unknownKind(name: name, nearest: NearestName.nearest(to: name, in: Break.allCases.map(\.rawValue)))
    }
    self = kind
  }
}
