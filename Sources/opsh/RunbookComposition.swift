import Console
import Fleet
import Foundation
import LuaRuntime
import PrimitiveKit
import Runbooks

/// Puts the runbooks of a session together.
struct RunbookComposition: Sendable {
  let desk = RunbookDesk()
  let interrupts: RunbookInterrupts
  let inexact = InexactPoints()
  let journal: JournalComposition
  let registry: RegistryOpener
  private let setting: SessionSetting

  init(_ setting: SessionSetting, site: Site?, clock: any Clock<Duration>) {
    self.setting = setting
    interrupts = RunbookInterrupts(dialogue: setting.dialogue)
    journal = JournalComposition(site: site, setting: setting, clock: clock)
    registry = journal.registry
  }

  /// Every primitive about runs and runbooks.
  var primitives: [Primitive] { desk.primitives + JobPrimitives.all }

  /// The engine of runbooks, once Lua's is there.
  func connect(
    _ lua: LuaEngine,
    catalog: Catalog,
    fleet: Fleet,
    folders: [String],
    plugins: [String: String]
  ) -> RunbookEngine {
    journal.fleet.set(fleet)
    let engine = RunbookEngine(
      RunbookSetting(
        engine: lua,
        registry: registry,
        world: fleet.world,
        dialogue: setting.dialogue,
        options: setting.options,
        interrupts: interrupts,
        rollouts: FleetRollouts(
          clock: fleet.world.clock,
          dialogue: setting.dialogue,
          interruptions: setting.interruptions
        ),
        site: view(fleet),
        folders: folders,
        opshVersion: Opsh.version,
        plugins: plugins,
        notify: { _ in },
        inexact: inexact,
        approvals: EverybodyAdmitted(),
        call: { name, arguments throws(CallFailure) in
          guard let primitive = catalog[name] else {
            throw CallFailure(code: "run.differs", message: "there is no primitive '\(name)' any more")
          }
          return try await primitive.call([arguments])
        }
      )
    )
    desk.connect(engine)
    return engine
  }

  private func view(_ fleet: Fleet) -> SiteView {
    SiteView(
      name: fleet.site?.name ?? "none",
      hosts: { selector throws(CallFailure) in
        guard let site = fleet.site else { return [] }
        do {
          return try Selection.hosts(selector, in: site).map(\.name)
        } catch {
          throw CallFailure(anyError: error)
        }
      },
      scopes: { names in fleet.scopes(for: names.compactMap { fleet.site?.host(named: $0) }) }
    )
  }
}

struct EverybodyAdmitted: PlanAdmission {
  func admit(_ plan: Plan, run: String, effects: Set<Effect>) async throws(CallFailure) {}
}
