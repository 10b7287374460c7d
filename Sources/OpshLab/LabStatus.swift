import Foundations

/// A lab at one moment: show what runs and what is broken.
package struct LabStatus: Sendable, Equatable, Codable {
  package struct Host: Sendable, Equatable, Codable {
    package let name: String
    package let address: String
    package let bots: Int
    /// Bots whose pid file names a living process.
    package let running: Int
    /// Bots with a session at the login service.
    package let loggedIn: Int
    package let breaks: [String]
  }

  package let directory: String
  package let site: String
  package let port: Int
  package let hosts: [Host]
  /// Bots that logged in while they already had a session: one account in two places.
  package let duplicateLogins: [String]

  init(_ lab: Lab) throws {
    directory = lab.directory
    site = lab.site
    port = lab.port
    let service = try lab.loginService.status()
    let sessions = Set(service.sessions)
    duplicateLogins = service.duplicates
    hosts = lab.hosts.map { host in
      let root = lab.layout.botRoot(of: host.name)
      return Host(
        name: host.name,
        address: host.address,
        bots: host.bots.count,
        running: host.bots.count { bot in
          lab.record.system == nil
            ? ProcessStatus(pidFile: "\(root)/\(bot)/pid") != nil
            : !lab.layout.units(of: host.name).processes(of: bot).isEmpty
        },
        loggedIn: host.bots.count { sessions.contains($0) },
        breaks: Files.list(lab.layout.breaks(of: host.name))
      )
    }
  }

  /// The status as a table for people.
  package var text: String {
    let total = hosts.reduce(into: (bots: 0, running: 0, loggedIn: 0)) {
      $0.bots += $1.bots
      $0.running += $1.running
      $0.loggedIn += $1.loggedIn
    }
    var lines = [
      "lab in \(directory), ssh port \(port)",
      "\(hosts.count) hosts, \(total.bots) bots: \(total.running) running, \(total.loggedIn) logged in",
      "", "HOST      ADDRESS          BOTS  RUNNING  LOGGED IN  BROKEN",
    ]
    for host in hosts {
      lines.append(
        host.name.padded(10) + host.address.padded(17) + String(host.bots).padded(6) + String(host.running).padded(9)
          + String(host.loggedIn).padded(11) + (host.breaks.isEmpty ? "-" : host.breaks.joined(separator: " "))
      )
    }
    if !duplicateLogins.isEmpty { lines += ["", "logged in twice: " + duplicateLogins.joined(separator: " ")] }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension String {
  fileprivate func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
