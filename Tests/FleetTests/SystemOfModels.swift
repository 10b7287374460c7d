import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Site

@testable import Fleet

/// A fleet of models whose bots make a system: on each host a sidecar, a live bot and a trader, by number.
///
/// web001 has bot1 (sidecar), bot2 (live), bot3 (trader); web002 bot4 (a second sidecar), bot5 (monitor), bot6 (of no kind).
enum SystemOfModels {
  static let kinds: [String: Value] = [
    "bot[1,4]": .table(["role": .string("data"), "ready": ready("connected")]),
    "bot2": .table(["role": .string("trader"), "live": .bool(true), "needs": .string("bot[1,4]")]),
    "bot3": .table(["role": .string("trader"), "needs": .string("bot[1,4]")]),
    "bot5": .table(["role": .string("monitor"), "needs": .string("bot3"), "critical": .bool(false)]),
  ]

  static func ready(_ text: String) -> Value {
    .table(["log": .table(["has": .string(text)]), "within": .int(5)])
  }

  static func catalog(_ kinds: [String: Value] = kinds) -> (Site) throws -> SystemCatalog {
    { site in
      let table: Value = .table([
        "systems": .table(["quant": .table(["plugin": .string("quant"), "on": .string("*")])])
      ])
      let entries = try SystemSettings(reading: DataField(table), in: site).entries
      let bots = DataField(.table(["bots": .table(kinds)]))
      let sections = try DataSections([BotKinds.self], reading: bots, in: site)
      return try SystemCatalog(entries.map { System($0, config: .table([:]), sections: sections) }, in: site)
    }
  }

  /// Two hosts with three bots each; all run, and the sidecars say that they are connected after a start.
  static func fleet(_ kinds: [String: Value] = kinds, isReady: Bool = true) throws -> FleetOfModels {
    let models = try FleetOfModels(
      hosts: 2,
      options: SessionOptions(assumesYes: true),
      change: { $0["confirm"] = .table(["hosts": .int(9)]) },
      systems: catalog(kinds)
    )
    if isReady {
      models.model("web001") { $0.logAfterStart["bot1"] = ["it is connected"] }
      models.model("web002") { $0.logAfterStart["bot4"] = ["it is connected"] }
    }
    return models
  }
}

extension FleetOfModels {
  /// The states of the bots of the system's hosts, for example `bot1 running`.
  var states: [String] {
    site.hosts.filter { $0.name != "stage01" }.flatMap { host in
      host.bots.names.map { "\($0) \(state(host.name)?.bots[$0]?.state ?? "?")" }
    }
  }

  /// Puts every bot down.
  func halt() {
    for host in site.hosts {
      model(host.name) { model in for bot in host.bots.names { model.bots[bot]?.state = "down" } }
    }
  }

  /// Starts or restarts, with time that passes by itself.
  func control(_ verb: ControlBots.Verb, _ on: Value, ordered: Bool = false, dry: Bool = false) async throws
    -> [BotStatus]
  {
    let fleet = fleet
    let selector = try BotSelector(on)
    return try await lettingTimePass(clock) {
      var request = ControlRequest(verb, selector, grace: .seconds(5))
      if ordered { request.isOrdered = true }
      return try await fleet.control(request, dry: dry)
    }
  }
}
