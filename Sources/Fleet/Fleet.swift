package import HostScript
package import PrimitiveKit
package import Rollout
package import Site

/// The fleet of one site: who is in it, and what its primitives need to act.
package struct Fleet: Sendable {
  /// Nil when opsh runs without a site; primitives that need one say so.
  package let site: Site?
  /// How bots run, by name; from plugins.
  package let runtimes: [String: Runtime]
  /// The systems of the site, and which bot belongs to which.
  package let systems: SystemCatalog
  package let world: World
  package let dialogue: any Dialogue
  package let options: SessionOptions
  package let speeds: SpeedTable
  package let interruptions: Interruptions
  /// Opens the runs that changes belong to.
  package let runs: any RunOpener
  /// Records what the stop lane does.
  package let stops: any StopLog
  /// Which releases are not to be rolled out again.
  package let releases: any ReleaseMarks
  /// Asks plugins.
  let hooks: any HookRunner
  let hostTimes: HostTimes
  /// Hosts asked at once by reads and commands (fleet.md 5: ClusterShell uses 64).
  package let fanOut = 64

  package init(
    site: Site?,
    runtimes: [String: Runtime],
    systems: SystemCatalog = SystemCatalog(),
    world: World,
    dialogue: any Dialogue,
    options: SessionOptions,
    interruptions: Interruptions,
    runs: any RunOpener = UnrecordedRuns(),
    stops: any StopLog = NoStopLog(),
    releases: any ReleaseMarks = NoReleaseMarks(),
    hooks: any HookRunner = NoHooks(),
    hostTimes: HostTimes = HostTimes()
  ) throws(CallFailure) {
    self.site = site
    self.runtimes = runtimes
    self.systems = systems
    self.world = world
    self.dialogue = dialogue
    self.options = options
    self.interruptions = interruptions
    self.runs = runs
    self.stops = stops
    self.releases = releases
    self.hooks = hooks
    self.hostTimes = hostTimes
    do {
      speeds = try SpeedTable.builtIn()
    } catch {
      throw CallFailure(error)
    }
  }

  /// Whether this call only predicts changes.
  func isDry(_ asked: Bool = false) -> Bool { admission.isDry(asked) }

  /// The site, or an error that names the primitive that needs it.
  func requireSite(for primitive: String) throws(CallFailure) -> Site {
    guard let site else { throw CallFailure(FleetError.noSite(primitive: primitive)) }
    return site
  }
}

extension Fleet {
  /// Everything this module gives to Lua.
  package var primitives: [Primitive] {
    inventoryPrimitives + commandPrimitives + botPrimitives + stopPrimitives + deployPrimitives + simulationPrimitives
  }

  /// The operations of this module, for whoever reads them back from a journal.
  package static var operationKinds: [any Operation.Type] {
    [
      AbortCommands.self, ControlBots.self, ExecuteCommand.self, InstallHostScript.self, LiftMarks.self, PutFile.self,
      StopBots.self,
      SwapBots.self,
    ]
  }
}

extension String {
  /// The text, cut with an ellipsis when it is longer than `limit`; a list is cut between its elements.
  func clipped(to limit: Int) -> String {
    guard count > limit else { return self }
    let kept = prefix(limit - 2)
    let end = kept.lastIndex(of: ",") ?? kept.endIndex
    return kept[..<end] + (end == kept.endIndex ? "…" : ",…")
  }
}
