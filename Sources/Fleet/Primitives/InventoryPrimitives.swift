import PrimitiveKit
import Site

extension Fleet {
  /// Who is in the fleet: answered from the site, without asking any host.
  var inventoryPrimitives: [Primitive] {
    [
      Primitive(
        "fleet.hosts",
        "Lists hosts of the site.",
        effect: .reads,
        Parameter<HostSelector>("on", default: "*", "Which hosts: names, sets, @groups, key:value tags"),
        returns: "One record per host, in site order",
        examples: [
          Example("fleet.hosts()", "every host"),
          Example(#"fleet.hosts("web[001-002]")"#, "two of them"),
        ],
        topics: ["inventory", "machines"]
      ) { on async throws(CallFailure) in
        let site = try self.requireSite(for: "fleet.hosts")
        return try self.selectHosts(on, in: site).map(HostRecord.init)
      },

      Primitive(
        "fleet.bots",
        "Lists bots of the site and the hosts they belong to.",
        effect: .reads,
        Parameter<BotSelector>("on", default: "*", "Which bots: names, sets, hosts, @groups, key:value tags"),
        returns: "One record per bot, in site order",
        examples: [
          Example(#"fleet.bots("bot[1-3]")"#, "three bots"),
          Example(#"fleet.bots{ on = "web001" }"#, "the bots of one host"),
        ],
        topics: ["inventory"]
      ) { on async throws(CallFailure) in
        let site = try self.requireSite(for: "fleet.bots")
        return try self.selectShares(on.text, in: site).flatMap { share in
          share.bots.map { BotRecord(bot: $0, host: share.host.name, runtime: share.host.runtime) }
        }
      },

      Primitive(
        "fleet.order",
        "Sorts hosts into layers by the site's `after`: a layer may start once the one before it is up.",
        effect: .reads,
        Parameter<HostSelector>("on", default: "*", "Which hosts"),
        returns: "A list of layers, each a list of host names; one layer if the site sets no order",
        examples: [Example("fleet.order()", "which hosts may be restarted together")],
        topics: ["dependency", "after", "restart"]
      ) { on async throws(CallFailure) in
        let site = try self.requireSite(for: "fleet.order")
        let hosts = try self.selectHosts(on, in: site)
        do {
          return try site.layers(hosts)
        } catch {
          throw CallFailure(anyError: error)
        }
      },

      Primitive(
        "fleet.target",
        "Lists the hosts and bots a target stands for, as fleet.deploy reads it.",
        effect: .reads,
        Parameter<String>("target", Fleet.targetHelp, completion: targetCompletion),
        Parameter<BotNumber?>("bot", default: nil, "The bot for target=\"bot\""),
        returns: "Hosts and bots by name in site order, and the bots of each host",
        examples: [Example(#"fleet.target("staging").hosts"#, "what a deploy to staging would change")],
        topics: ["inventory", "selector"]
      ) { target, bot async throws(CallFailure) in
        let site = try self.requireSite(for: "fleet.target")
        do {
          return try self.target(target, bot: bot, in: site)
        } catch {
          throw CallFailure(anyError: error)
        }
      },

      Primitive(
        "fleet.groups",
        "Lists the groups of the site with the hosts in them.",
        effect: .reads,
        returns: "One record per group, by name",
        examples: [Example("fleet.groups()", "names you can use after an @")],
        topics: ["inventory", "targets"]
      ) { () async throws(CallFailure) in
        let site = try self.requireSite(for: "fleet.groups")
        return site.groupNames.map { name in
          let members = (try? Selection.hosts("@\(name)", in: site)) ?? []
          return GroupRecord(group: name, hosts: NameSet(names: members.map(\.name)).folded, count: members.count)
        }
      },
    ]
  }

  func selectHosts(_ selector: HostSelector, in site: Site) throws(CallFailure) -> [Host] {
    do {
      return try Selection.hosts(selector.text, in: site)
    } catch {
      throw CallFailure(anyError: error)
    }
  }

  func selectShares(_ selector: String, in site: Site) throws(CallFailure) -> [HostShare] {
    do {
      return try shares(selecting: selector, in: site)
    } catch {
      throw CallFailure(anyError: error)
    }
  }
}

/// What a target stands for.
struct TargetRecord: Record, Sendable {
  let hosts: [String]
  let shares: [HostShare]
  let live: [String]

  static var luaType: String { "fleet.Target" }
  static let columns: [Column<Self>] = [
    Column(\.hosts, "hosts", "Hosts, including those without bots"),
    Column("bots", "Bots") { $0.shares.flatMap(\.bots) },
    Column(\.live, "live", "Live bots that the target does not name: a start or restart leaves them out"),
    Column("bots_on", "Bots by host", type: "table<string, string[]>") { record in
      let byHost = record.shares.map { ($0.host.name, $0.bots.value) }
      return Value.table(Dictionary(byHost, uniquingKeysWith: { first, _ in first }))
    },
  ]
}

/// A host of the site.
struct HostRecord: Record, Sendable {
  let host: Host

  static var luaType: String { "fleet.Host" }
  static let columns: [Column<Self>] = [
    Column(\.host.name, "name", "Name"),
    Column(\.host.address, "address", "Network address"),
    Column(\.host.port, "port", "Port of its SSH server"),
    Column(\.host.hostAddress.user, "user", "Login user"),
    Column(\.host.bots.folded, "bots", "Its bots, folded"),
    Column(\.host.groups, "groups", "Groups it is in"),
    Column("tags", "Its tags", type: "table<string, string>") { Value.table($0.host.tags.mapValues(\.value)) },
  ]

}

/// A bot of the site.
struct BotRecord: Record, Sendable {
  let bot: String
  let host: String
  let runtime: String

  static var luaType: String { "fleet.BotEntry" }
  static let columns: [Column<Self>] = [
    Column(\.bot, "bot", "Name"),
    Column(\.host, "host", "Host it belongs to"),
    Column(\.runtime, "runtime", "How it runs"),
  ]
}

/// A group of the site.
struct GroupRecord: Record, Sendable {
  let group: String
  let hosts: String
  let count: Int

  static var luaType: String { "fleet.Group" }
  static let columns: [Column<Self>] = [
    Column(\.group, "group", "Name, as used after an @"),
    Column(\.count, "count", "Hosts in it"),
    Column(\.hosts, "hosts", "Hosts in it, folded"),
  ]
}
