import Foundation
import Foundations

extension Lab {
  private func scripts(of host: LabHost) -> String { layout.home(of: host.name) + "/.opsh/bin" }
  private func kept(of host: LabHost) -> String { layout.run + "/scripts-" + host.name }

  /// Adds a line to every uploaded script, so that its bytes no longer match its name.
  func damageScripts(of host: LabHost) throws {
    let names = Files.list(scripts(of: host)).filter { $0.hasSuffix(".sh") }
    if names.isEmpty {
      throw LabError.nothingToBreak(host: host.name, why: "no script was uploaded to its ~/.opsh/bin yet; deploy first")
    }
    try Files.makeDirectory(kept(of: host))
    for name in names {
      let path = "\(scripts(of: host))/\(name)"
      guard let text = Files.read(path) else { continue }
      try Files.write(text, to: "\(kept(of: host))/\(name)")
      try Files.write(text + "\n# damaged\n", to: path, mode: 0o755)
    }
  }

  /// Puts the scripts back that are still damaged; one that was uploaded anew or removed is left alone.
  func repairScripts(of host: LabHost) throws {
    for name in Files.list(kept(of: host)) {
      let path = "\(scripts(of: host))/\(name)"
      guard let text = Files.read("\(kept(of: host))/\(name)") else { continue }
      if Files.read(path) == text + "\n# damaged\n" { try Files.write(text, to: path, mode: 0o755) }
    }
    try Files.removeTree(kept(of: host))
  }

  /// Sets the largest file size (soft limit) of the host's bots and commands: 0 is a full disk, also for who is not root.
  func setFileSizeLimit(_ limit: String, on host: LabHost) throws {
    let prlimit = try Tool.find("prlimit", package: "util-linux")
    let table = ProcessTable()
    for entry in table.processes(of: layout) where !entry.name.hasPrefix("sshd") && isOn(host, entry) {
      // One that ended in between is no failure.
      _ = try? Tool.run(prlimit, ["--pid", String(entry.pid), "--fsize=\(limit):"])
    }
  }

  private func isOn(_ host: LabHost, _ entry: ProcessStatus) -> Bool {
    let below = layout.home(of: host.name) + "/"
    let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(entry.pid)/exe")) ?? ""
    if program.hasPrefix(below) { return true }
    let environment = FileManager.default.contents(atPath: "/proc/\(entry.pid)/environ") ?? Data()
    return environment.split(separator: 0).contains { $0.elementsEqual("OPSH_LAB_HOST=\(host.name)".utf8) }
  }
}
