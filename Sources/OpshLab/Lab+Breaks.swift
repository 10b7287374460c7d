import Glibc

extension Lab {
  /// The marker file of a break: bots and logins look at it, and `status` lists it.
  private func marker(_ kind: Break, _ host: LabHost) -> String {
    "\(layout.breaks(of: host.name))/\(kind.rawValue)"
  }

  func apply(_ kind: Break, to host: LabHost) throws {
    if Files.exists(marker(kind, host)) { return }
    if kind.needsUnits, record.system == nil {
      throw LabError.nothingToBreak(host: host.name, why: "it has no systemd; raise a lab with --system")
    }
    if record.system != nil, kind == .diskFull || kind == .pull {
      throw LabError.nothingToBreak(host: host.name, why: "only hosts without systemd have that")
    }
    switch kind {
    case .crash, .deaf, .flood, .laggard: break
    case .crashLoop, .edited, .sidecarKilled, .sidecarLost: try applyToUnits(kind, host)
    case .diskFull: try setFileSizeLimit("0", on: host)
    case .hang, .hostkey:
      // Both need an sshd that runs.
      if broken(.sshd, host) {
        throw LabError.nothingToBreak(host: host.name, why: "its sshd is stopped; mend it first")
      }
      if kind == .hostkey {
        try restartServer(of: host, key: layout.otherHostKey)
      } else {
        for entry in serverProcesses(of: host) { entry.signal(SIGSTOP) }
      }
    case .nologin: try loginService.refuse(host: host.name)
    case .pull: unlink(layout.home(of: host.name) + "/registry")
    case .script: try damageScripts(of: host)
    case .slow: break
    case .sshd: try stopServer(of: host)
    }
    try Files.write(kind == .slow ? "3\n" : "", to: marker(kind, host))
  }

  func undo(on hosts: [LabHost]) throws {
    for host in hosts {
      // A frozen sshd must run again before anything else is done to it.
      for kind in Break.allCases where broken(kind, host) {
        try undo(kind, on: host)
        unlink(marker(kind, host))
      }
    }
  }

  private func broken(_ kind: Break, _ host: LabHost) -> Bool { Files.exists(marker(kind, host)) }

  private func undo(_ kind: Break, on host: LabHost) throws {
    switch kind {
    case .crash, .deaf, .flood, .laggard, .sidecarKilled, .slow: break
    case .crashLoop, .edited, .sidecarLost: try undoOnUnits(kind, host)
    case .diskFull: try setFileSizeLimit("unlimited", on: host)
    case .hang: for entry in serverProcesses(of: host) { entry.signal(SIGCONT) }
    case .hostkey, .sshd: try restartServer(of: host, key: layout.hostKey(of: host.name))
    case .nologin: try loginService.allow(host: host.name)
    case .pull: try Files.link(layout.home(of: host.name) + "/registry", to: layout.images)
    case .script: try repairScripts(of: host)
    }
  }
}
