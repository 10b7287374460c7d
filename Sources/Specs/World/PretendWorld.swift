import Foundation
import PrimitiveKit
import Runs
import Site

extension SpecCase.Act {
  /// Whether it has a deadline, which must not be over at once.
  fileprivate var isCheck: Bool { if case .check = self { true } else { false } }
}

/// The world of a case: hosts that nothing reaches, and time that passes at once.
struct PretendWorld {
  let site: Site
  let world: World
  let dialogue: SpecDialogue

  /// Reads the site of a case; three hosts with a bot each unless it says otherwise.
  ///
  /// Throws `spec.invalid` with the line of the case for a site that is wrong.
  init(_ given: SpecCase, _ domains: DomainSet) throws(CallFailure) {
    do throws(DataError) {
      try self.init(site: given.site, typed: given.typed ?? [], isHasty: !given.act.isCheck, domains)
    } catch {
      throw CallFailure(
        .invalid,
        code: "spec.invalid",
        message: "\(given.place): site.\(error.message)",
        hint: error.hint ?? "`site` is what site.lua returns"
      )
    }
  }

  /// Throws what is wrong with the site.
  init(site: Value?, typed: [String] = [], isHasty: Bool = true, _ domains: DomainSet) throws(DataError) {
    self.site = try Site(decoding: PretendWorld.site(site), sections: domains.siteSections)
    world = World(
      mode: .live,
      clock: isHasty ? HastyClock() : ContinuousClock(),
      now: { Date(timeIntervalSince1970: 1_795_262_400) },
      drawSeed: { UInt64.random(in: 0 ... .max) },
      services: Services()
    )
    dialogue = SpecDialogue(answers: typed)
  }

  private static func site(_ given: Value?) -> Value {
    var fields: [String: Value] = [
      "name": .string("pretend"),
      "hosts": .array([
        .table(["name": .string("web[1-3]"), "address": .string("192.0.2.[1-3]"), "bots": .string("bot[1-3]")])
      ]),
    ]
    if case .table(let own)? = given { fields.merge(own) { $1 } }
    return .table(fields)
  }

  /// What declarations are made from.
  func surroundings(_ domains: DomainSet) -> Surroundings {
    var surroundings = Surroundings(world: world, dialogue: dialogue, options: SessionOptions())
    surroundings.site = site
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
      }
    )
  }
}
