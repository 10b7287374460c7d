package import PrimitiveKit

/// The fleet as `site.lua` describes it, checked as a whole when read.
package struct Site: Sendable, Equatable {
  package var name: String
  package var ssh: SSHSettings
  /// The configuration of each runtime, by its id.
  package var runtimes: [String: Value]
  package var hosts: [Host]
  /// Groups as the site writes them, each a set text.
  package var groups: [String: String]
  /// What a deploy may aim at; `all` is every host unless the site says otherwise.
  package var targets: [String: String]
  package var images: [String: Image]
  package var defaultImage: String?
  package var confirm: Confirm
  /// How long a new bot must run unbroken to count as stable, where the site knows better than the speeds.
  package var settle: Duration?
  /// How long a swap may wait for a login, which never decides about it; where the site knows better than the speeds.
  package var loginWait: Duration?
  /// How runs are kept, locked, approved and announced.
  package var runs: SiteRunSettings
  /// Which host has which name and which bot.
  let index: SiteIndex

  /// Every host name.
  package var hostNames: NameSet { index.hosts }
  /// Every bot name.
  package var botNames: NameSet { index.bots }

  /// The host of that name.
  package func host(named name: String) -> Host? { index.hostByName[name].map { hosts[$0] } }

  /// The host that runs a bot.
  package func host(ofBot name: String) -> Host? { index.hostByBot[name].map { hosts[$0] } }

  /// Every group name: of the site, of its hosts, and the targets.
  package var groupNames: [String] { Set(groups.keys).union(index.hostsByGroup.keys).union(targets.keys).sorted() }

  /// How hosts are reached over SSH.
  package struct SSHSettings: Sendable, Equatable {
    /// A path; nil for `~/.ssh/known_hosts`.
    package var knownHosts: String?
    /// The path of a private key; nil for the agent alone.
    package var key: String?
    package var agent = true
    package var port = 22
    /// How long a connection may take to stand; 10 s unless the site says otherwise.
    package var connectTimeout: Duration = .seconds(10)
  }

  /// What a person must confirm, and what `--yes` may.
  package struct Confirm: Sendable, Equatable {
    /// The speeds that `--yes` may confirm; nil leaves it to opsh (routine and fast).
    package var yesAllowed: [String]?
    /// Whether a change needs `--reason`.
    package var reasonRequired = false
  }
}

/// Look-ups over the hosts of a site.
struct SiteIndex: Sendable, Equatable {
  var hosts = NameSet()
  var bots = NameSet()
  var hostByName: [String: Int] = [:]
  var hostByBot: [String: Int] = [:]
  var hostsByGroup: [String: [String]] = [:]
}
