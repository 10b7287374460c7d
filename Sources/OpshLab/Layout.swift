/// Where everything of a lab lies, below its one directory.
package struct Layout: Sendable, Equatable {
  /// The directory of the lab: absolute, without links.
  package let root: String

  package init(root: String) {
    self.root = root
  }

  /// Every name a lab makes in its directory, with those of files about to replace another.
  static let ownNames: Set<String> = {
    let files = ["lab.json", "site.lua", "known_hosts"]
    let folders = ["keys", "images", "unpacked", "bin", "run", "hosts", "breaks", "plugins"]
    return Set(files + files.map { $0 + ".next" } + folders)
  }()

  package var site: String { root + "/site.lua" }
  package var knownHosts: String { root + "/known_hosts" }
  package var userKey: String { root + "/keys/user_ed25519" }

  var record: String { root + "/lab.json" }
  var keys: String { root + "/keys" }
  var otherHostKey: String { root + "/keys/other_ed25519" }
  var authorizedKeys: String { root + "/keys/authorized_keys" }
  var images: String { root + "/images" }
  var unpacked: String { root + "/unpacked" }
  var programs: String { root + "/bin" }
  var bot: String { root + "/bin/opsh-lab-bot" }
  var enter: String { root + "/bin/enter" }
  var plugin: String { root + "/plugins/lab" }
  var run: String { root + "/run" }
  var keeperPipe: String { root + "/run/keeper.fifo" }
  var keeperPid: String { root + "/run/keeper.pid" }
  var loginPid: String { root + "/run/login.pid" }
  var loginPort: String { root + "/run/login.port" }
  var loginLog: String { root + "/run/login.log" }
  var hosts: String { root + "/hosts" }
  var breaks: String { root + "/breaks" }

  /// The archive of an image.
  package func archive(of image: String) -> String { "\(images)/\(image).tar.gz" }
  func hostKey(of host: String) -> String { "\(keys)/\(host)_ed25519" }
  func breaks(of host: String) -> String { "\(breaks)/\(host)" }
  func serverConfiguration(of host: String) -> String { "\(run)/sshd-\(host).conf" }
  func serverPid(of host: String) -> String { "\(run)/sshd-\(host).pid" }
  func serverLog(of host: String) -> String { "\(run)/sshd-\(host).log" }

  /// The home directory a login on that host gets.
  package func home(of host: String) -> String { "\(hosts)/\(host)" }

  /// A host with systemd of its own: its files beside its home.
  func units(of host: String) -> UnitHost {
    // A control group of its own for each lab: the directory tells them apart.
    let name = root.split(separator: "/").joined(separator: "_") + "-" + host
    return UnitHost(directory: "\(run)/units-\(host)", name: name, home: home(of: host))
  }

  /// The root of the process runtime on that host: one directory per bot, `images` and `data`.
  package func botRoot(of host: String) -> String { "\(hosts)/\(host)/bots" }
}
