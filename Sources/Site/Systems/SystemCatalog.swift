package import PrimitiveKit

/// The systems of a site, and which bot belongs to which (DESIGN section 11).
package struct SystemCatalog: Sendable, Equatable {
  /// By name.
  package let systems: [System]
  private let places: [String: Place]
  /// The systems whose plugin could not be loaded, by the bots that may belong to them.
  private let possible: [String: Int]

  private struct Place: Sendable, Equatable {
    let system: Int
    let member: Int
  }

  /// No system at all.
  package init() { (systems, places, possible) = ([], [:], [:]) }

  /// Finds the bots of each system: `prefix` and then a kind, on one of its hosts.
  ///
  /// Throws a `DataError` when two systems claim one bot, and when two patterns of one system fit it.
  package init(_ systems: [System], in site: any SiteNames) throws(DataError) {
    var systems = systems.sorted { $0.name < $1.name }
    var places: [String: Place] = [:]
    var possible: [String: Int] = [:]
    for number in systems.indices {
      let system = systems[number]
      for host in system.hosts {
        // A host without bots selects none.
        for bot in (try? site.bots(selecting: host)) ?? [] where bot.hasPrefix(system.prefix) {
          if system.problem != nil { possible[bot] = number }
          guard let kind = try SystemCatalog.kind(of: bot, in: system) else { continue }
          if let other = places[bot] {
            throw SystemCatalog.claimed(bot, on: host, systems[other.system], system)
          }
          places[bot] = Place(system: number, member: systems[number].members.count)
          systems[number].members.append(System.Member(bot: bot, host: host, kind: kind))
        }
      }
    }
    (self.systems, self.places, self.possible) = (systems, places, possible)
  }

  private static func kind(of bot: String, in system: System) throws(DataError) -> BotKind? {
    do throws(BotKinds.KindClash) {
      return try system.kinds.kind(of: String(bot.dropFirst(system.prefix.count)))
    } catch {
      throw DataError(
        path: system.path,
        expected: "bots of one kind each",
        got: "'\(bot)', which fits the kinds \(error.kinds.map { "'\($0)'" }.joined(separator: " and "))",
        hint: "give the bot a kind of its own name in system.lua of plugin '\(system.plugin)', or narrow a pattern"
      )
    }
  }

  private static func claimed(_ bot: String, on host: String, _ first: System, _ second: System) -> DataError {
    DataError(
      path: second.path,
      expected: "bots that belong to one system each",
      got: "'\(bot)' on \(host), which the systems '\(first.name)' and '\(second.name)' both claim",
      hint: "give one of them other hosts (`on`) or another `prefix`"
    )
  }

  /// The system of this name; throws `system.unknown` with the nearest one.
  package func system(_ name: String) throws(CallFailure) -> System {
    if let system = systems.first(where: { $0.name == name }) { return system }
    let names = systems.map(\.name)
    let all = names.isEmpty ? "the site has no `systems`" : "the systems are \(names.joined(separator: ", "))"
    throw CallFailure(
      .invalid,
      code: "system.unknown",
      message: "no system is called '\(name)'",
      hint: NearestName.question(for: name, in: names) ?? all
    )
  }

  /// The systems that the code of a plugin may know: its own; everybody's for the operator, where it is nil.
  package func seen(by plugin: String?) -> SystemCatalog {
    guard let plugin else { return self }
    let systems = self.systems.filter { $0.plugin == plugin }
    var places: [String: Place] = [:]
    for number in systems.indices {
      for (place, member) in systems[number].members.enumerated() {
        places[member.bot] = Place(system: number, member: place)
      }
    }
    return SystemCatalog(systems: systems, places: places)
  }

  private init(systems: [System], places: [String: Place]) {
    (self.systems, self.places, possible) = (systems, places, [:])
  }

  /// The system of a bot, and what it is there; nil for a bot that no system claims.
  package func home(of bot: String) -> (system: System, member: System.Member)? {
    places[bot].map { (systems[$0.system], systems[$0.system].members[$0.member]) }
  }

  /// What its system says of a bot; nil for a bot that no system claims.
  package func kind(of bot: String) -> BotKind? { home(of: bot)?.member.kind }

  /// Whether a bot trades for real, or may: what its system would say of it is not known.
  package func isLive(_ bot: String) -> Bool { kind(of: bot)?.isLive ?? (undecided(bot) != nil) }

  /// Whether the failure of a bot fails the run.
  package func isCritical(_ bot: String) -> Bool { kind(of: bot)?.isCritical ?? true }

  /// The system that a bot may belong to and whose plugin could not be loaded; nil where its place is known.
  package func undecided(_ bot: String) -> System? {
    places[bot] == nil ? possible[bot].map { systems[$0] } : nil
  }
}

extension Surroundings {
  private enum SystemsKey: SurroundingsKey {
    static var fallback: SystemCatalog { SystemCatalog() }
  }

  /// The systems of the site.
  package var catalogOfSystems: SystemCatalog {
    get { self[SystemsKey.self] }
    set { self[SystemsKey.self] = newValue }
  }
}
