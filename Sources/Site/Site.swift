package import PrimitiveKit

/// The fleet as `site.lua` describes it, checked as a whole when read: hosts, bots, groups, and the sections of domains.
package struct Site: Sendable, Equatable {
  package var name: String
  package var ssh: SSHSettings
  package var hosts: [Host]
  /// Groups as the site writes them, each a set text.
  package var groups: [String: String]
  /// What a change may aim at; `all` is every host unless the site says otherwise.
  package var targets: [String: String]
  /// What each domain reads of the site.
  package var sections = DataSections()
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
}

extension Site: SiteNames {
  package func hosts(selecting selector: String) throws(CallFailure) -> [String] {
    do throws(SelectionError) {
      return try Selection.hosts(targets[selector] ?? selector, in: self).map(\.name)
    } catch {
      throw CallFailure(error)
    }
  }

  package func bots(selecting selector: String) throws(CallFailure) -> [String] {
    do throws(SelectionError) {
      return try Selection.bots(targets[selector] ?? selector, in: self).map(\.name)
    } catch {
      throw CallFailure(error)
    }
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
