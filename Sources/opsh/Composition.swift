import Console
import Drivers
import Fleet
import Foundation
import HostScript
import LuaRuntime
import Plugins
import PrimitiveKit
import Reference
import Runbooks
import Site

/// What the rest of opsh is given to work with.
struct SessionSetting: Sendable {
  /// The site file, found and existing; nil without one.
  let sitePath: String?
  let options: SessionOptions
  let dialogue: any Dialogue
  let interruptions: Interruptions
  /// HOME and the variables that opsh reads.
  let environment: [String: String]
  var record: String?
  var recordsValues = false
  var replay: String?
  /// The file of a detached approval.
  var approval: String?
  /// Whether it is there to stop bots: then a site that cannot be read is replaced by its last good reading.
  var isStopping = false
}

/// The parts of opsh put together: the one place where primitives are plugged in.
struct Composition: Sendable {
  /// Every primitive but those of the session itself.
  var primitives: [Primitive] = []
  /// Names of the site for completion.
  var candidates: any CandidateSource = NoCandidates()
  /// The site's name for the prompt; nil without a site.
  var siteName: String?
  /// What the site holds, for the banner, for example `6 hosts, 18 bots`.
  var siteSummary: String?
  /// The directories that `require` looks in.
  var moduleRoots = ["lua"]
  /// The directories that runbooks lie in.
  var runbookRoots: [String] = []
  /// Versions of the loaded plugins, by id.
  var plugins: [String: String] = [:]
  let fleet: Fleet
  /// The images that completion offers.
  let offered: OfferedImages
  let runbooks: RunbookComposition

  /// Where reads come from: hosts or a recording.
  let reads: ReadSource

  private init(fleet: Fleet, runbooks: RunbookComposition, reads: ReadSource) {
    self.fleet = fleet
    offered = OfferedImages(fleet)
    self.reads = reads
    self.runbooks = runbooks
  }

  /// Loads the site and plugs everything in.
  ///
  /// Throws what is wrong with the site; a plugin that cannot be loaded is listed by `plugins()` and said once.
  static func make(_ setting: SessionSetting) async throws(CallFailure) -> Composition {
    var site: Site?
    var value = Value.null
    var known: [String: Runtime] = [:]
    var plugins: [LoadedPlugin] = []
    let directory = setting.sitePath.map { path in
      let directory = (path as NSString).deletingLastPathComponent
      return directory.isEmpty ? "." : directory
    }
    let installation = Installation(siteDirectory: directory)
    if let path = setting.sitePath {
      // An engine of its own: what the site and the plugins compute never meets the operator's variables.
      let engine = try LuaEngine(catalog: Catalog())
      do throws(CallFailure) {
        let loaded = try await SiteLoader(engine: engine).load(path)
        (site, value) = (loaded.site, loaded.value)
        let loader = PluginLoader(engine: engine, roots: installation.pluginRoots)
        plugins = await loader.load(settings: loaded.site.sections[PluginSettings.self].runtimes)
      } catch {
        guard setting.isStopping else { throw error }
        let reading = try SiteReadings(setting.environment).last(of: path, instead: error)
        setting.dialogue.say("\(error.message); the site as it was read \(reading.age) is used")
        (site, known) = (reading.site, reading.runtimes)
      }
    }
    if setting.isStopping, plugins.contains(where: { $0.problem != nil }), let path = setting.sitePath {
      known = (try? SiteReadings(setting.environment).last(of: path, instead: nil).runtimes) ?? [:]
    }
    for problem in plugins.compactMap(\.problem) { setting.dialogue.say("plugin: \(problem.message)") }
    let clock = ContinuousClock()
    let reads = try FleetComposition(setting: setting).reads(site)
    let runbooks = RunbookComposition(setting, site: site, clock: clock)
    let fleet = try FleetComposition(setting: setting).fleet(
      site,
      plugins: plugins,
      known: known,
      clock: clock,
      reads: reads,
      runs: try runbooks.calls(),
      stops: runbooks.stops,
      releases: JournalReleases(registry: runbooks.registry, hasJournal: runbooks.journal.exists)
    )
    if let path = setting.sitePath, value != .null, !setting.options.isDryRun, plugins.allSatisfy({ $0.problem == nil })
    {
      SiteReadings(setting.environment).keep(value, fleet.runtimes, of: path)
    }
    var composition = Composition(fleet: fleet, runbooks: runbooks, reads: reads)
    composition.moduleRoots = installation.moduleRoots
    composition.runbookRoots = (site?.runbooks.folders ?? []) + installation.runbookRoots
    composition.plugins = Dictionary(
      plugins.filter { $0.problem == nil }.map { ($0.id, $0.version) },
      uniquingKeysWith: { first, _ in first }
    )
    if let site { composition.describe(site) }
    composition.primitives =
      fleet.primitives + runbooks.primitives + [LoadedPlugin.primitive(plugins)]
      + SetPrimitives.all(resolver: { [site] in site?.nameResolver })
    return composition
  }

  private mutating func describe(_ site: Site) {
    candidates = SiteCandidates(site, images: offered)
    siteName = site.name
    siteSummary = "\(site.hosts.count) hosts, \(site.botNames.count) bots"
  }
}
