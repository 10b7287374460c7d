import Foundations
import Glibc

extension Lab {
  /// The sshd processes of a host: the one that listens and those of its sessions, but not what runs in them.
  func serverProcesses(of host: LabHost) -> [ProcessStatus] {
    guard let listener = ProcessStatus(pidFile: layout.serverPid(of: host.name)) else { return [] }
    let table = ProcessTable()
    return table.trees(from: [listener.pid]).compactMap { table.entries[$0] }.filter { $0.name.hasPrefix("sshd") }
  }

  /// Ends the sshd of a host and its sessions; bots have sessions of their own and live on.
  func stopServer(of host: LabHost) throws {
    for entry in serverProcesses(of: host) { entry.signal(SIGKILL) }
    try wait(for: "the end of sshd of \(host.name)", seconds: 10) {
      HostServer.accepts(host.address, port: port) ? "it still accepts connections" : nil
    }
  }

  func restartServer(of host: LabHost, key: String) throws {
    try stopServer(of: host)
    let path = layout.serverConfiguration(of: host.name)
    let lines = (Files.read(path) ?? "").split(separator: "\n", omittingEmptySubsequences: false)
    let changed = lines.map { $0.hasPrefix("HostKey ") ? "HostKey \(key)" : String($0) }
    try Files.write(changed.joined(separator: "\n"), to: path)
    let sshd = try Tool.find("sshd", package: "openssh-server")
    let units = record.system == nil ? nil : layout.units(of: host.name)
    let server = HostServer(host: host, layout: layout, user: user, port: port, units: units)
    try server.start(sshd, through: KeeperPipe(layout))
    try HostServer.awaitAnswer(host, layout, port: port)
  }
}
