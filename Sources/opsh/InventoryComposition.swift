import Approvals
import Foundation
import LuaRuntime
import PluginHost
import PrimitiveKit
import Site

/// Asks the inventories of plugins for hosts, before there is a site.
///
/// The functions run in a session of their own without a site, and only read. What they answer is kept beside the readings
/// of the site, for the next session and for stops, which run no code of plugins.
struct InventoryComposition {
  let setting: SessionSetting
  let domains: DomainSet
  let installation: Installation
  let readings: SiteReadings
  let siteLoader: SiteLoader
  /// Whether a mistake refuses the site: the old one, with its hosts, is still there.
  let isReload: Bool

  /// What inventories answered, now or the last time.
  struct Answers {
    var added: [AddedHosts] = []
    /// Why inventories that answered nothing now have no earlier answer either.
    var missing: [PluginInventory: CallFailure] = [:]
  }

  /// Throws the mistakes of inventories when the site is read again; else they are said, and the last answers are used.
  ///
  /// A site that does not say whether plugins must be signed has none until that is corrected.
  func hosts(of text: SiteText, _ seal: (@Sendable (String) async throws(CallFailure) -> SealedFiles?)?)
    async throws(CallFailure) -> Answers
  {
    guard let seal, let settings = try? PluginSettings(reading: DataField(text.value), in: NoNamesYet()) else {
      return Answers()
    }
    var taken = TakenNames(text)
    let old = readings.hosts(of: text.path)
    let loader = PluginLoader(
      engine: try LuaEngine(catalog: Catalog()),
      roots: installation.pluginRoots,
      domains: domains,
      site: NoNamesYet(),
      judgesNames: false,
      seal: seal
    )
    let plugins = await loader.loadInventories(
      settings: settings.settings,
      answered: Set(old.keys.map { String($0.prefix { $0 != "/" }) })
    )
    if setting.toleratesSite {
      sayMissing(plugins, old)
      return Answers(added: kept(old, &taken))
    }
    guard !plugins.isEmpty else {
      if !old.isEmpty, !setting.options.isDryRun { readings.keep([:], of: text.path) }
      return Answers()
    }
    let host = try await start(plugins)
    var found = Answers()
    var answers: [String: [Value]] = [:]
    for plugin in host.plugins {
      do throws(CallFailure) {
        if let problem = plugin.problem { throw problem }
        for inventory in host.inventories where inventory.plugin == plugin.id {
          let entries = try await host.hosts(of: inventory)
          do throws(DataError) {
            try taken.take(entries, by: inventory.described)
          } catch {
            throw host.failure(of: inventory, error).inFull
          }
          let new = AddedHosts(source: inventory.described, place: host.place(of: inventory), entries: entries)
          try check(new, beside: found.added, in: text)
          answers[inventory.key] = entries
          found.added.append(new)
        }
      } catch {
        guard !isReload else { throw error }
        let earlier = old.filter { $0.key.hasPrefix("\(plugin.id)/") && answers[$0.key] == nil }
        found.added += complain(error, of: plugin.id, kept(earlier, &taken))
        for (key, answer) in earlier { answers[key] = answer.entries }
        let promised = host.inventories.filter { $0.plugin == plugin.id && answers[$0.key] == nil }
        for inventory in promised { found.missing[inventory] = error }
      }
    }
    if !setting.options.isDryRun { readings.keep(answers, of: text.path) }
    return found
  }

  /// Throws what the site has against hosts that it cannot take; a site that is wrong without them says so itself.
  private func check(_ new: AddedHosts, beside added: [AddedHosts], in text: SiteText) throws(CallFailure) {
    do throws(CallFailure) {
      _ = try siteLoader.load(text, adding: added + [new])
    } catch {
      guard (try? siteLoader.load(text, adding: added)) != nil else { return }
      throw CallFailure(
        .invalid,
        .faulty,
        code: "plugin.inventory",
        message: "\(new.source): \(error.message)",
        hint: error.hint,
        trace: ["\(new.place)"]
      )
    }
  }

  private func complain(_ problem: CallFailure, of plugin: String, _ kept: [AddedHosts]) -> [AddedHosts] {
    let rest = kept.isEmpty ? "its hosts are missing" : "using the hosts of its last answer"
    let whose = problem.message.contains("plugin '\(plugin)'") ? "" : "plugin '\(plugin)': "
    setting.dialogue.say("\(whose)\(problem.message); \(rest)")
    return kept
  }

  /// Says which hosts nobody has answered here, so that nobody takes a stop of everything for one of those.
  private func sayMissing(_ plugins: [LoadedPlugin], _ old: [String: SiteReadings.Hosts]) {
    var unknown: [String] = []
    for plugin in plugins {
      if let inventories = plugin.manifest?.provides.inventories {
        let promised = inventories.map { PluginInventory(plugin: plugin.id, name: $0) }
        unknown += promised.filter { old[$0.key] == nil }.map(\.described)
      } else if !old.keys.contains(where: { $0.hasPrefix("\(plugin.id)/") }) {
        unknown.append("plugin '\(plugin.id)'")
      }
    }
    for source in unknown {
      setting.dialogue.say(
        "the hosts of \(source) are not known here, so nothing on them is stopped; "
          + "start `opsh` once, or name them in the site"
      )
    }
  }

  /// What was answered before, where it still fits the site; what does not is said.
  private func kept(_ old: [String: SiteReadings.Hosts], _ taken: inout TakenNames) -> [AddedHosts] {
    var added: [AddedHosts] = []
    for (key, answer) in old.sorted(by: { $0.key < $1.key }) {
      let source = "inventory \(key)"
      var entries: [Value] = []
      for (index, entry) in answer.entries.enumerated() {
        do throws(DataError) {
          try taken.take([entry], by: source)
          entries.append(entry)
        } catch {
          setting.dialogue.say("\(source): hosts[\(index + 1)] of its last answer is left out: \(error.got)")
        }
      }
      guard !entries.isEmpty else { continue }
      let place = SourcePlace(file: "the last answer of \(source)", line: 1)
      added.append(AddedHosts(source: source, place: place, entries: entries))
    }
    return added
  }

  /// A session without a site, in which the code of these plugins is loaded.
  private func start(_ plugins: [LoadedPlugin]) async throws(CallFailure) -> PluginHost {
    var own = setting
    // What an inventory reads belongs to no recording: it is asked before there is a site to record.
    (own.record, own.replay, own.recordsValues) = (nil, nil, false)
    let world = WorldComposition(setting: own, services: domains.services)
    let surroundings = try world.surroundings(
      nil,
      plugins: [],
      known: [:],
      clock: ContinuousClock(),
      reads: try world.reads(nil)
    )
    let primitives = try domains.primitives(in: surroundings)
    let host = PluginHost(plugins, dialogue: setting.dialogue, now: { Date() })
    _ = await host.start(in: try LuaEngine(catalog: Catalog(primitives)), core: primitives)
    return host
  }
}

extension CallFailure {
  /// With its place in the message, where whoever reads it has no trace.
  fileprivate var inFull: CallFailure {
    var full = self
    if let place = trace.first, !message.contains(place) { full.message = "\(place): \(message)" }
    return full
  }
}

/// The names of a site that was not read yet: none, and none is wrong.
struct NoNamesYet: SiteNames {
  let hostNames = NameSet()
  let botNames = NameSet()
  func hosts(selecting selector: String) throws(CallFailure) -> [String] { [] }
  func bots(selecting selector: String) throws(CallFailure) -> [String] { [] }
}
