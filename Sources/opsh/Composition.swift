import Approvals
import Checks
import Drivers
import Foundation
import Foundations
import HostScript
import LuaRuntime
import PluginHost
import PrimitiveKit
import Runbooks
import Runs
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
  /// Whether a site that cannot be read is replaced by its last good reading: to stop bots.
  var toleratesSite = false
  /// Whether there is a prompt, where a plugin can be enabled again.
  var hasPrompt = false
  /// Hides the secrets that were read, as long as the session lasts.
  let masks = SecretMasks()

  /// The secrets of a site on this machine.
  func secretStore(_ sections: DataSections) -> SecretStore {
    SecretStore(
      sections[SecretSettings.self],
      environment: ProcessInfo.processInfo.environment.merging(environment) { _, own in own },
      folder: sitePath.map(ScriptFolder.of) ?? "/",
      masks: masks
    )
  }
}

/// The parts of opsh put together, from a list of domains and the drivers behind their world.
struct Composition: Sendable {
  let domains: DomainSet
  /// What every domain works with; changes are judged by the guards of all.
  let surroundings: Surroundings
  let runbooks: RunbookComposition
  let plugins: PluginHost
  /// Whether it is put together to stop bots, which needs no code of plugins.
  let isForStopping: Bool
  /// Where reads come from: hosts or a recording.
  let reads: ReadSource
  /// The directories that `require` looks in.
  let moduleRoots: [String]
  /// The directories that runbooks lie in.
  let runbookRoots: [String]

  /// The site's name for the prompt; nil without a site.
  var siteName: String? { surroundings.site?.name }

  /// What the site holds, for the banner, for example `6 hosts, 18 bots`.
  var siteSummary: String? {
    surroundings.site.map { "\($0.hosts.count.counted("host")), \($0.botNames.count.counted("bot"))" }
  }

  /// Versions of the loaded plugins, by id.
  var pluginVersions: [String: String] {
    let loaded = plugins.plugins.filter { $0.problem == nil }
    return Dictionary(loaded.map { ($0.id, $0.version) }, uniquingKeysWith: { first, _ in first })
  }

  /// Loads the site and plugs everything in.
  ///
  /// Throws what is wrong with the site; a plugin that cannot be loaded is listed by `plugins()` and said once.
  /// With `isReload` a mistake of an inventory is thrown, too; else its last answer is used.
  static func make(_ setting: SessionSetting, _ list: [Domain], isReload: Bool = false) async throws(CallFailure)
    -> Composition
  {
    let domains = try DomainSet(list)
    let readings = SiteReadings(setting.environment, sections: domains.siteSections)
    var site: Site?
    var value = Value.null
    var known: [String: Runtime] = [:]
    var transports: [String: TransportProgram] = [:]
    var plugins: [LoadedPlugin] = []
    var systems = SystemCatalog()
    var missing: [PluginInventory: CallFailure] = [:]
    // To stop bots no code of plugins runs whose runtimes and transports an earlier session has read.
    let last = setting.toleratesSite ? setting.sitePath.flatMap { try? readings.last(of: $0, instead: nil) } : nil
    let directory = setting.sitePath.map(PathText.directory)
    let installation = Installation(siteDirectory: directory)
    if let path = setting.sitePath {
      // An engine of its own: what the site and the plugins compute never meets the operator's variables.
      let engine = try LuaEngine(catalog: Catalog())
      do throws(CallFailure) {
        let siteLoader = SiteLoader(engine: engine, sections: domains.siteSections)
        let text = try await siteLoader.read(path)
        let seal = seal(text, beside: directory, setting)
        let inventories = try await InventoryComposition(
          setting: setting,
          domains: domains,
          installation: installation,
          readings: readings,
          siteLoader: siteLoader,
          isReload: isReload
        )
        .hosts(of: text, seal)
        missing = inventories.missing
        let loaded = try siteLoader.load(text, adding: inventories.added)
        (site, value) = (loaded.site, loaded.value)
        let loader = PluginLoader(
          engine: engine,
          roots: installation.pluginRoots,
          domains: domains,
          site: loaded.site,
          known: last?.drivers ?? [:],
          seal: Composition.sealing(seal)
        )
        plugins = await loader.load(settings: loaded.site.sections[PluginSettings.self].settings)
        try TransportNames(
          site: loaded.site,
          value: loaded.value,
          locate: loaded.locate,
          added: isReload ? 0 : inventories.added.map(\.entries.count).reduce(0, +),
          dialogue: setting.dialogue
        )
        .check(plugins)
        do throws(CallFailure) {
          try told(loaded) { () throws(DataError) in
            try loaded.site.sections[PluginSettings.self].check(plugins)
            let entries = loaded.site.sections[SystemSettings.self].entries
            systems = try SystemCatalog(entries, of: plugins, domains, in: loaded.site)
          }
        } catch {
          // To stop bots nobody needs to know what they belong to.
          guard setting.toleratesSite else { throw error }
        }
        try ReservedNames(site: loaded.site, value: loaded.value, locate: loaded.locate).check(
          plugins.flatMap(\.runtimes)
        )
        try SiteNotifiers(site: loaded.site, plugins: plugins, environment: setting.environment).check(loaded.locate)
      } catch {
        guard setting.toleratesSite else { throw error }
        let reading = try readings.last(of: path, instead: error)
        setting.dialogue.say("\(error.message); using the site as read \(reading.age)")
        (site, known, transports) = (reading.site, reading.runtimes, reading.transports)
      }
    }
    if let last { (known, transports) = (last.runtimes, last.transports) }
    for plugin in plugins { transports.merge(plugin.transports) { $1 } }
    let world = WorldComposition(setting: setting, services: domains.services)
    let reads = try world.reads(site, transports: transports)
    var bare = try world.surroundings(site, plugins: plugins, known: known, clock: ContinuousClock(), reads: reads)
    bare.catalogOfSystems = systems
    if let path = setting.sitePath, value != .null, !setting.options.isDryRun, plugins.allSatisfy({ $0.problem == nil })
    {
      let drivers = plugins.compactMap { plugin in plugin.driverDigest.map { (plugin.id, $0) } }
      let digests = Dictionary(drivers, uniquingKeysWith: { first, _ in first })
      readings.keep(value, bare.runtimes, transports, digests, of: path)
    }
    let host = PluginHost(
      plugins,
      systems: systems,
      missing: missing,
      dialogue: setting.dialogue,
      now: bare.world.now,
      isAttended: setting.hasPrompt
    )
    let runbooks = RunbookComposition(setting, domains, bare, host)
    var whole = bare
    whole.pluginHost = host
    whole.pluginRoots = setting.sitePath == nil ? [] : installation.pluginRoots
    whole.runs = try runbooks.calls(domains.lockKinds)
    whole.stops = runbooks.stops
    whole.releases = JournalReleases(registry: runbooks.registry, hasJournal: runbooks.journal.exists)
    whole.memory = JournalMemory(registry: runbooks.registry, hasJournal: runbooks.journal.exists)
    whole.checks = host.checks
    whole.hooks = host
    whole.sitePath = setting.sitePath
    whole.outbox = runbooks.journal.outbox(runbooks.registry)
    let notifiers = SiteNotifiers(site: site, plugins: plugins, environment: setting.environment)
    whole.notifiers = notifiers.notifiers(host)
    whole.mayHaveMoreChecks = notifiers.mayHaveMore
    whole = domains.guarding(whole)
    whole.runSetting = runbooks.runSetting(whole)
    return Composition(
      domains: domains,
      surroundings: whole,
      runbooks: runbooks,
      plugins: host,
      isForStopping: setting.toleratesSite,
      reads: reads,
      moduleRoots: installation.moduleRoots,
      runbookRoots: (site?.runbooks.folders ?? []) + installation.runbookRoots
    )
  }

  /// A mistake in what the site says to plugins, as `site.invalid` with file and line.
  private static func told(_ loaded: LoadedSite, _ body: () throws(DataError) -> Void) throws(CallFailure) {
    do throws(DataError) {
      try body()
    } catch {
      var error = error
      error.location = loaded.locate(error.path)
      throw CallFailure(error)
    }
  }

  /// Asks for the signatures of plugins that lie beside the site, where it wants them; those of opsh come with it.
  ///
  /// Nil where the site does not say: the mistake in it is told when it is read.
  private static func seal(_ text: SiteText, beside directory: String?, _ setting: SessionSetting)
    -> (@Sendable (String) async throws(CallFailure) -> SealedFiles?)?
  {
    let sections = try? DataSections(
      [PluginSettings.self, ApprovalSettings.self],
      reading: DataField(text.value),
      in: NoNamesYet()
    )
    guard let sections else { return nil }
    guard sections[PluginSettings.self].isSigned, let directory else { return { _ in nil } }
    let signature = RunbookSignature(
      tool: OpenSSHSignatureTool(environment: setting.environment),
      signers: sections[ApprovalSettings.self].allowedSigners.map { UserDirectory.expanding($0, setting.environment) },
      for: .plugin,
      now: { Date() }
    )
    return { path async throws(CallFailure) in
      guard path.hasPrefix("\(directory)/plugins/") else { return nil }
      let text = try TextFile.readIfThere(RunbookSignature.path(of: path))
      let sealed = try SealedFiles(path)
      _ = try await signature.check(sealed.text, file: path, signature: text)
      return sealed
    }
  }

  /// Where the site does not say whether plugins must be signed none is used.
  private static func sealing(_ seal: (@Sendable (String) async throws(CallFailure) -> SealedFiles?)?)
    -> @Sendable (String) async throws(CallFailure) -> SealedFiles?
  {
    if let seal { return seal }
    return { path throws(CallFailure) in
      throw CallFailure(
        .invalid,
        code: "site.invalid",
        message: "\(path) is not used: whether plugins must be signed cannot be read in the site",
        hint: "correct `plugins` and `allowed_signers` there"
      )
    }
  }

  /// Every primitive but those of the session itself.
  func primitives(_ engine: Bound<RunbookEngine>) throws(CallFailure) -> [Primitive] {
    var surroundings = surroundings
    surroundings.runbookEngine = engine
    return try domains.primitives(in: surroundings)
  }
}
