import PrimitiveKit

extension SiteIndex {
  /// Indexes the hosts and refuses a host or a bot that is there twice.
  ///
  /// `paths` gives the field each host came from.
  init(_ hosts: [Host], paths: [String]) throws(DataError) {
    for (number, host) in hosts.enumerated() {
      if let other = hostByName.updateValue(number, forKey: host.name) {
        throw DataError(
          path: "\(paths[number]).name",
          expected: "a unique host name",
          got: "'\(host.name)', which \(paths[other]) has too"
        )
      }
      for group in host.groups { hostsByGroup[group, default: []].append(host.name) }
    }
    for (number, host) in hosts.enumerated() {
      for bot in host.bots {
        if let other = hostByBot.updateValue(number, forKey: bot) {
          throw DataError(
            path: "\(paths[number]).bots",
            expected: "each bot on one host",
            got: "'\(bot)' on both '\(hosts[other].name)' and '\(host.name)'"
          )
        }
        if hostByName[bot] != nil {
          throw DataError(
            path: "\(paths[number]).bots",
            expected: "bots and hosts with different names",
            got: "'\(bot)', which is also a host"
          )
        }
      }
    }
    self.hosts = NameSet(names: hosts.map(\.name))
    bots = NameSet(names: hostByBot.keys)
  }
}
