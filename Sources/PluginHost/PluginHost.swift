package import Foundation
package import LuaRuntime
package import PrimitiveKit
package import Site
import Synchronization

/// The plugins of one session: what they are, what of them runs, and how they fare.
///
/// Their code runs in the session's Lua, each plugin with an authority of its own (DESIGN section 11).
package final class PluginHost: Sendable {
  /// Failures within a minute after which a plugin is disabled.
  static let patience = 3

  struct Entry {
    var plugin: LoadedPlugin
    var authority: LuaAuthority?
    var code: PluginCode?
    var health = PluginHealth()
  }

  let entries: Mutex<[String: Entry]>
  let engine = Mutex<LuaEngine?>(nil)
  /// The systems of the site.
  package let systems: SystemCatalog
  /// Why the hosts of inventories are missing from the site.
  let missing: [PluginInventory: CallFailure]
  let dialogue: any Dialogue
  let now: @Sendable () -> Date
  let budget: LuaBudget
  /// Whether an operator is there who can enable a plugin again.
  let isAttended: Bool
  /// When a notifier must have answered.
  package let patienceWithNotifiers: Duration

  /// `systems` are those of the site, which lacks the hosts of `missing` inventories; `dialogue` hears of plugins that are disabled, `now` says when.
  ///
  /// `budget` is what one call may use up, and `deadline` is when a notifier must have answered. Where nobody is there to
  /// enable a plugin again (`isAttended`), one that fails is disabled for a while only.
  package init(
    _ plugins: [LoadedPlugin],
    systems: SystemCatalog = SystemCatalog(),
    missing: [PluginInventory: CallFailure] = [:],
    dialogue: any Dialogue,
    now: @escaping @Sendable () -> Date,
    budget: LuaBudget = LuaBudget(),
    isAttended: Bool = true,
    deadline: Duration = .seconds(15)
  ) {
    entries = Mutex(Dictionary(plugins.map { ($0.id, Entry(plugin: $0)) }, uniquingKeysWith: { first, _ in first }))
    (self.systems, self.missing) = (systems, missing)
    self.dialogue = dialogue
    self.now = now
    self.budget = budget
    self.isAttended = isAttended
    patienceWithNotifiers = deadline
  }

  /// Every plugin by id, with how it fares.
  var all: [Entry] {
    let now = now()
    return entries.withLock { entries in
      for id in entries.keys { entries[id]?.health.wake(at: now) }
      return entries.values.sorted { $0.plugin.id < $1.plugin.id }
    }
  }

  func entry(_ id: String) -> Entry? {
    let now = now()
    return entries.withLock { entries in
      entries[id]?.health.wake(at: now)
      return entries[id]
    }
  }

  /// The plugins, those that could not be loaded too.
  package var plugins: [LoadedPlugin] { all.map(\.plugin) }

  /// The files of the runbooks that loaded plugins offer, by their names, such as `desk/open`.
  package var runbooks: [String: String] {
    var files: [String: String] = [:]
    for plugin in plugins where plugin.problem == nil {
      for name in plugin.manifest?.provides.runbooks ?? [] {
        files["\(plugin.id)/\(name)"] = "\(plugin.path)/runbooks/\(name).lua"
      }
    }
    return files
  }

  /// Says what is wrong with plugins, once a session; `plugins()` says it again.
  package func announce() {
    for line in notices { dialogue.say(line) }
  }

  private var notices: [String] {
    let empty = systems.systems.filter { $0.problem == nil && $0.members.isEmpty && !$0.kinds.kinds.isEmpty }
    let lines = empty.map {
      "system '\($0.name)' has no bots: no bot of its hosts fits a kind of plugin '\($0.plugin)'"
    }
    return lines
      + all.compactMap { entry in
        let id = entry.plugin.id
        if let why = entry.plugin.why {
          return "plugin '\(id)' is not loaded: \(why)" + (entry.plugin.problem?.hint.map { "; \($0)" } ?? "")
        }
        guard let api = entry.plugin.manifest?.api, api < PluginManifest.level else { return nil }
        return "plugin '\(id)' uses plugin level \(api), which the next opsh no longer loads; see docs/plugins.md"
      }
  }

  /// Enables or disables a plugin for this session; throws `plugin.unknown` and `plugin.failed`.
  func set(_ id: String, enabled: Bool) throws(CallFailure) -> Entry {
    let known = try known(id)
    if enabled, let problem = known.plugin.problem { throw PluginHost.notLoaded(id, problem) }
    return entries.withLock { entries in
      entries[id]?.health.set(enabled: enabled)
      return entries[id] ?? known
    }
  }

  /// Throws `plugin.unknown` with the nearest id.
  func known(_ id: String) throws(CallFailure) -> Entry {
    if let entry = entry(id) { return entry }
    let ids = all.map(\.plugin.id)
    throw CallFailure(
      .invalid,
      code: "plugin.unknown",
      message: "no plugin is called '\(id)'",
      hint: NearestName.question(for: id, in: ids)
        ?? (ids.isEmpty ? "`plugins()` says where opsh looks" : "plugins: \(ids.joined(separator: ", "))")
    )
  }

  static let unbound = CallFailure(.defect, code: "internal.unbound", message: "opsh is still starting")
}
