package import Foundation
package import LuaRuntime
package import PrimitiveKit
import RunbookHeader
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

  private let entries: Mutex<[String: Entry]>
  private let engine = Mutex<LuaEngine?>(nil)
  private let dialogue: any Dialogue
  private let now: @Sendable () -> Date
  private let budget: LuaBudget
  private let patienceWithNotifiers: Duration

  /// `dialogue` hears of plugins that are disabled, `now` says when.
  ///
  /// `budget` is what one call may use up, and `deadline` is when a notifier must have answered.
  package init(
    _ plugins: [LoadedPlugin],
    dialogue: any Dialogue,
    now: @escaping @Sendable () -> Date,
    budget: LuaBudget = LuaBudget(),
    deadline: Duration = .seconds(15)
  ) {
    entries = Mutex(Dictionary(plugins.map { ($0.id, Entry(plugin: $0)) }, uniquingKeysWith: { first, _ in first }))
    self.dialogue = dialogue
    self.now = now
    self.budget = budget
    patienceWithNotifiers = deadline
  }

  /// Every plugin by id, with how it fares.
  var all: [Entry] { entries.withLock { $0.values.sorted { $0.plugin.id < $1.plugin.id } } }

  func entry(_ id: String) -> Entry? { entries.withLock { $0[id] } }

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

  /// Loads the functions that the manifests promise into the session's Lua.
  ///
  /// `core` are the primitives of opsh, which no plugin may take the names of. A plugin whose code is wrong is reported
  /// in `plugins()`, and the rest are loaded. Answers the primitives of those that could be loaded; each is bound.
  package func start(in engine: LuaEngine, core: [Primitive]) async -> [Primitive] {
    self.engine.withLock { $0 = engine }
    let access = Dictionary(core.map { ($0.info.name, $0.access) }, uniquingKeysWith: { first, _ in first })
    let taken = Set(core.compactMap { $0.info.name.split(separator: ".").first.map(String.init) })
    var primitives: [Primitive] = []
    for entry in all where entry.plugin.problem == nil {
      guard let manifest = entry.plugin.manifest, manifest.provides.hasCode || entry.plugin.hasUnpromisedCode else {
        continue
      }
      do throws(CallFailure) {
        let authority = try await authority(of: entry.plugin, manifest, access)
        let code = try await load(entry.plugin, manifest, authority)
        let own = manifest.provides.primitives.map { primitive($0, of: manifest.id) }
        if let code, !own.isEmpty {
          guard !taken.contains(manifest.id) else { throw nameTaken(manifest.id, code.file) }
          do throws(CallFailure) {
            try await engine.replace(own)
          } catch {
            throw nameTaken(manifest.id, code.file)
          }
        }
        entries.withLock { entries in
          entries[manifest.id]?.authority = authority
          entries[manifest.id]?.code = code
        }
        primitives += own
      } catch {
        entries.withLock { $0[manifest.id]?.plugin.problem = error }
      }
    }
    return primitives
  }

  /// Says what is wrong with plugins, once a session; `plugins()` says it again.
  package func announce() {
    for line in notices { dialogue.say(line) }
  }

  private var notices: [String] {
    all.compactMap { entry in
      let id = entry.plugin.id
      if let why = entry.plugin.why { return "plugin '\(id)' is not loaded: \(why)" }
      guard let api = entry.plugin.manifest?.api, api < PluginManifest.level else { return nil }
      return "plugin '\(id)' uses plugin level \(api), which the next opsh no longer loads; see docs/plugins.md"
    }
  }

  private func authority(
    of plugin: LoadedPlugin,
    _ manifest: PluginManifest,
    _ access: [String: PluginAccess]
  ) async throws(CallFailure) -> LuaAuthority {
    guard let engine = engine.withLock({ $0 }) else { throw PluginHost.unbound }
    let gate = CapabilityGate(
      plugin: manifest.id,
      manifest: "\(plugin.path)/plugin.lua",
      capabilities: manifest.capabilities,
      access: { access[$0] },
      owner: { [weak self] name in self?.owner(of: name) }
    )
    return try await engine.authority(
      named: manifest.id,
      permit: { info, arguments throws(CallFailure) in try gate.permit(info, arguments) },
      modules: [plugin.path]
    )
  }

  /// The functions of the plugin; nil when its manifest promises none.
  private func load(_ plugin: LoadedPlugin, _ manifest: PluginManifest, _ authority: LuaAuthority)
    async throws(CallFailure) -> PluginCode?
  {
    guard !manifest.provides.functions.isEmpty || plugin.hasUnpromisedCode else { return nil }
    guard let engine = engine.withLock({ $0 }) else { throw PluginHost.unbound }
    let code = PluginCode(file: try PluginFile("\(plugin.path)/init.lua"), authority: authority)
    let module = try await code.load(in: engine, tracing: false)
    try PluginPromise(manifest: manifest, file: code.file).check(module)
    return code
  }

  /// What the code of a runbook's file may do; nil for one that no plugin offers.
  ///
  /// Throws `plugin.unknown`, `plugin.failed` and `plugin.disabled`: without its plugin it may do nothing.
  package func authority(ofRunbook path: String) throws(CallFailure) -> LuaAuthority? {
    let name = RunbookFile.name(of: path)
    guard let slash = name.firstIndex(of: "/") else { return nil }
    return try usable(String(name[..<slash])).authority
  }

  private func nameTaken(_ id: String, _ file: PluginFile) -> CallFailure {
    CallFailure(
      .invalid,
      code: "plugin.invalid",
      message: "\(file.path):1: the primitives of plugin '\(id)' would be called \(id).NAME, and '\(id)' is opsh's own",
      hint: "rename its folder and its id"
    )
  }

  /// The plugin that a primitive belongs to.
  private func owner(of name: String) -> (id: String, capabilities: Set<Capability>)? {
    guard let dot = name.firstIndex(of: ".") else { return nil }
    let id = String(name[..<dot])
    return entries.withLock { entries in
      guard let manifest = entries[id]?.plugin.manifest,
        manifest.provides.primitives.contains(where: { $0.name == name[dot...].dropFirst() })
      else { return nil }
      return (id, manifest.capabilities)
    }
  }

  private func primitive(_ declared: PrimitiveDeclaration, of id: String) -> Primitive {
    var primitive = Primitive(
      declared: "\(id).\(declared.name)",
      declared.summary,
      effect: declared.effect,
      declared.params.map(DeclaredParameter.init),
      returns: declared.returns,
      examples: declared.examples,
      topics: declared.topics + ["plugin \(id)"]
    ) { [weak self] arguments async throws(CallFailure) in
      guard let self else { throw PluginHost.unbound }
      let call = PluginCall(id: id, section: "primitives", name: declared.name, effect: declared.effect)
      return try await self.call(call, .table(arguments))
    }
    primitive.access = .anybody
    return primitive
  }

  /// Calls a function of a plugin with the effects that it declares, within its budget, and notes how it went.
  ///
  /// The function gets `subject` and the plugin's settings.
  ///
  /// Throws `plugin.disabled`, `plugin.failed` and what the function raises.
  func call(_ call: PluginCall, _ subject: Value, within deadline: Duration? = nil) async throws(CallFailure) -> Value {
    guard let engine = engine.withLock({ $0 }) else { throw PluginHost.unbound }
    let entry = try usable(call.id)
    guard let code = entry.code else { throw PluginHost.unbound }
    var context = CallContext.current
    context.allowed.formIntersection(call.effect.within)
    context.name = call.described
    context.isDeclared = false
    let tracing = context.isDryRun
    var budget = budget
    budget.wall = deadline
    do throws(CallFailure) {
      let function = try await code.function(call.section, call.name, in: engine, tracing: tracing)
      let answers = try await context.whileCalling { [budget] () async throws(CallFailure) in
        try await engine.call(function, [subject, entry.plugin.config], tracing: tracing, budget: budget)
      }
      return answers.first ?? .null
    } catch {
      var failure = code.file.told(error)
      // What the function answered is wrong, so no line of it raised anything.
      if failure.trace.isEmpty { failure.trace = ["\(code.file.place("\(call.section).\(call.name)"))"] }
      note(failure, of: call)
      throw failure
    }
  }

  /// The notifiers of plugins that were loaded.
  package var notifiers: [PluginNotifier] {
    plugins.filter { $0.problem == nil }.flatMap { plugin in
      (plugin.manifest?.provides.notifiers ?? []).map { PluginNotifier(plugin: plugin.id, name: $0) }
    }
  }

  /// Hands an event to a notifier.
  ///
  /// Throws `plugin.undelivered` unless it answers `true` in time, with the reason where it answers a text, and what the
  /// function raises.
  package func deliver(_ event: Value, to notifier: PluginNotifier) async throws(CallFailure) {
    let call = PluginCall(id: notifier.plugin, section: "notifiers", name: notifier.name, effect: .changes)
    let answer = try await self.call(call, event, within: patienceWithNotifiers)
    guard answer != .bool(true) else { return }
    var why = "it did not answer true"
    if case .string(let text) = answer { why = text }
    throw CallFailure(
      .failed,
      code: "plugin.undelivered",
      message: "\(call.described) delivered nothing: \(why)",
      hint: "a notifier answers true once the event is delivered"
    )
  }

  /// A plugin that was loaded and may run; throws `plugin.unknown`, `plugin.failed` and `plugin.disabled`.
  private func usable(_ id: String) throws(CallFailure) -> Entry {
    let entry = try known(id)
    if let problem = entry.plugin.problem { throw PluginHost.notLoaded(id, problem) }
    guard entry.authority != nil, !entry.health.isDisabled else {
      throw CallFailure(
        .refused,
        code: "plugin.disabled",
        message: "plugin '\(id)' is disabled" + (entry.health.last.map { ": \($0.message)" } ?? ""),
        hint: "fix the cause, then `plugin.enable \"\(id)\"`"
      )
    }
    return entry
  }

  private static func notLoaded(_ id: String, _ problem: CallFailure) -> CallFailure {
    CallFailure(
      .refused,
      code: "plugin.failed",
      message: "plugin '\(id)' is not loaded: \(problem.placed)",
      hint: problem.hint
    )
  }

  private func note(_ failure: CallFailure, of call: PluginCall) {
    let at = now()
    let isDisabled = entries.withLock { entries in
      entries[call.id]?.health.note(failure, of: call.described, at: at) ?? false
    }
    guard isDisabled else { return }
    dialogue.say(
      "plugin '\(call.id)' is disabled: \(PluginHost.patience) failures within a minute, the last in \(call.described): "
        + "\(failure.message); `plugin.enable \"\(call.id)\"` enables it again"
    )
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

  private static let unbound = CallFailure(.defect, code: "internal.unbound", message: "opsh is still starting")
}

/// A notifier of a plugin.
package struct PluginNotifier: Sendable, Hashable {
  package let plugin: String
  package let name: String

  package init(plugin: String, name: String) {
    self.plugin = plugin
    self.name = name
  }
}

/// One call of a function of a plugin.
struct PluginCall: Sendable {
  let id: String
  let section: String
  let name: String
  let effect: Effect

  /// As messages name it.
  var described: String {
    section == "primitives" ? "\(id).\(name)" : "\(Contributions.noun(section)) '\(name)' of plugin '\(id)'"
  }
}

extension Effect {
  /// What a call that declares this effect may do.
  fileprivate var within: Set<Effect> {
    switch self {
    case .reads: [.reads]
    case .changes: [.reads, .changes]
    case .trades: [.reads, .changes, .trades]
    case .administers: [.reads, .changes, .administers]
    }
  }
}
