import Foundation
import Glibc

/// What breaks units, and how that is undone.
extension Lab {
  private func system() throws(LabError) -> UnitSystem { try UnitSystem.named(record.system ?? "") }

  /// A unit of a system on a host, by its kind.
  private func unit(_ kind: String, on host: LabHost) -> String {
    host.bots.first { $0.hasSuffix(kind) } ?? host.bots[0]
  }

  private func systemctl(_ host: LabHost, _ words: String...) throws {
    let command = layout.units(of: host.name).entering(["systemctl", "--user"] + words)
    try Tool.run(command[0], Array(command.dropFirst()))
  }

  func applyToUnits(_ kind: Break, _ host: LabHost) throws {
    let system = try system()
    let units = layout.units(of: host.name)
    let source = unit(system.units[0].kind, on: host)
    switch kind {
    case .crashLoop:
      let trader = unit("trader", on: host)
      // Found as opsh would find it: the file of the host, with what makes its program end at once.
      try addLine("ExecStartPre=/bin/false", to: trader, on: host)
      try? systemctl(host, "daemon-reload")
      _ = try? Tool.run("/bin/kill", ["-KILL"] + units.processes(of: trader).map(String.init))
    case .edited:
      let live = unit("live", on: host)
      let path = file(of: live, on: host)
      let before = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate]
      try addLine("Nice=5", to: live, on: host)
      // The way an edit goes unnoticed: the file keeps its time.
      if let before { try FileManager.default.setAttributes([.modificationDate: before], ofItemAtPath: path) }
    case .sidecarKilled:
      let pids = units.processes(of: source)
      if pids.isEmpty { throw LabError.nothingToBreak(host: host.name, why: "\(source) does not run") }
      for pid in pids { kill(pid, SIGKILL) }
    case .sidecarLost: try systemctl(host, "--job-mode=ignore-dependencies", "stop", "\(source).service")
    default: break
    }
  }

  func undoOnUnits(_ kind: Break, _ host: LabHost) throws {
    switch kind {
    case .crashLoop:
      let trader = unit("trader", on: host)
      try removeLine("ExecStartPre=/bin/false", from: trader, on: host)
      try systemctl(host, "start", "\(trader).service")
    case .edited: try removeLine("Nice=5", from: unit("live", on: host), on: host)
    case .sidecarLost: try systemctl(host, "start", "\(unit(try system().units[0].kind, on: host)).service")
    default: break
    }
  }

  private func file(of unit: String, on host: LabHost) -> String {
    "\(layout.home(of: host.name))/.config/systemd/user/\(unit).service"
  }

  private func addLine(_ line: String, to unit: String, on host: LabHost) throws {
    let path = file(of: unit, on: host)
    try Files.write((Files.read(path) ?? "").replacing("[Service]\n", with: "[Service]\n\(line)\n"), to: path)
  }

  private func removeLine(_ line: String, from unit: String, on host: LabHost) throws {
    let path = file(of: unit, on: host)
    try Files.write((Files.read(path) ?? "").replacing("[Service]\n\(line)\n", with: "[Service]\n"), to: path)
    try systemctl(host, "daemon-reload")
    try systemctl(host, "reset-failed", "\(unit).service")
  }
}
