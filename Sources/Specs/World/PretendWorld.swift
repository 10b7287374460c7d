import Foundation
import PluginHost
import PrimitiveKit
import Runs
import Site

extension SpecCase.Act {
  /// Whether it has a deadline, which must not be over at once.
  fileprivate var isCheck: Bool { if case .check = self { true } else { false } }
}

/// The world of a case: hosts that nothing reaches, and time that passes at once.
struct PretendWorld {
  private(set) var site: Site
  /// The systems of the site, once the plugins are there that serve them.
  var systems = SystemCatalog()
  let world: World
  let dialogue: SpecDialogue
  private let given: Value?

  /// Reads the site of a case; three hosts with a bot each unless it says otherwise.
  ///
  /// Throws `spec.invalid` with the line of the case for a site that is wrong.
  init(_ given: SpecCase, _ domains: DomainSet) throws(CallFailure) {
    do throws(DataError) {
      try self.init(site: given.site, typed: given.typed ?? [], isHasty: !given.act.isCheck, domains)
    } catch {
      throw given.wrongSite(error)
    }
  }

  /// Throws what is wrong with the site.
  init(site: Value?, typed: [String] = [], isHasty: Bool = true, _ domains: DomainSet) throws(DataError) {
    given = site
    self.site = try PretendWorld.site(site, [:], domains)
    world = World(
      mode: .live,
      clock: isHasty ? HastyClock() : ContinuousClock(),
      now: { Date(timeIntervalSince1970: 1_795_262_400) },
      drawSeed: { UInt64.random(in: 0 ... .max) },
      services: Services()
    )
    dialogue = SpecDialogue(answers: typed)
  }

  private static func site(_ given: Value?, _ added: [String: Value], _ domains: DomainSet) throws(DataError) -> Site {
    var fields: [String: Value] = [
      "name": .string("pretend"),
      "hosts": .array([
        .table(["name": .string("web[1-3]"), "address": .string("192.0.2.[1-3]"), "bots": .string("bot[1-3]")])
      ]),
    ]
    fields.merge(added) { $1 }
    if case .table(let own)? = given { fields.merge(own) { $1 } }
    return try Site(decoding: .table(fields), sections: domains.siteSections)
  }

  /// Reads the site again, in which a plugin serves a system of its own name unless the case says what systems there are.
  ///
  /// The system is on every host. Where the case has no site at all, they have a bot of each of its kinds.
  mutating func serve(_ plugin: LoadedPlugin, _ domains: DomainSet) throws(DataError) {
    guard let sections = plugin.system else { return }
    var system = plugin.sampleSettings
    system["plugin"] = .string(plugin.id)
    system["on"] = .string("*")
    var added: [String: Value] = ["systems": .table([plugin.id: .table(system)])]
    let bots = sections[BotKinds.self].samples
    if given == nil, !bots.isEmpty {
      let hosts = (1...3).map { number -> Value in
        let own = bots.enumerated().filter { $0.offset % 3 == number - 1 }.map(\.element)
        let address = "192.0.2.\(number)"
        return .table([
          "name": .string("web\(number)"), "address": .string(address), "bots": .array(own.map(Value.string)),
        ])
      }
      added["hosts"] = .array(hosts)
    }
    site = try PretendWorld.site(given, added, domains)
  }

  /// What declarations are made from.
  func surroundings(_ domains: DomainSet) -> Surroundings {
    var surroundings = Surroundings(world: world, dialogue: dialogue, options: SessionOptions())
    surroundings.site = site
    surroundings.catalogOfSystems = systems
    surroundings.lockKinds = domains.lockKinds
    surroundings.runSetting = RunSetting(
      registry: RegistryOpener { () throws(CallFailure) in throw .cancelled },
      world: world,
      dialogue: dialogue,
      options: SessionOptions(),
      interrupts: RunbookInterrupts(dialogue: dialogue),
      site: view
    )
    return surroundings
  }

  /// The site as runs see it.
  var view: SiteView {
    SiteView(
      name: site.name,
      hosts: { [site] selector throws(CallFailure) in try site.hosts(selecting: selector) },
      scopes: { [site] names in
        let scopes = site.scopes(for: names.compactMap { site.host(named: $0) })
        // What is pretended names no host of its own, so a plan shows the hosts that it locks, not just the fleet.
        return scopes.contains { $0.path.isEmpty } ? names.map { LockScope(path: ["host", $0]) } : scopes
      },
      hostsOfSystem: { [systems] name throws(CallFailure) in try systems.system(name).hosts }
    )
  }
}
