import Console
import Journal
import LuaRuntime
import PluginHost
import PrimitiveKit
import Reference
import Runbooks
import Runs
import Site
import Synchronization

/// The parts of a session as they are now; the engine of Lua and what was defined in it stay for all of it.
final class LiveSession: Sendable {
  private struct State {
    var parts: SessionParts?
    var completer: Completer?
  }

  private let setting: SessionSetting
  private let domains: [Domain]
  private let stage: Stage
  private let control: SessionControl
  private let isPrompt: Bool
  private let state = Mutex(State())

  init(_ setting: SessionSetting, _ domains: [Domain], _ stage: Stage, _ control: SessionControl, isPrompt: Bool) {
    self.setting = setting
    self.domains = domains
    self.stage = stage
    self.control = control
    self.isPrompt = isPrompt
  }

  /// Completes what is typed; nil where there is no prompt.
  var completer: Completer? { state.withLock { $0.completer } }

  /// A first Ctrl-C: whether the work stops by itself.
  var press: @Sendable () -> Bool {
    { self.state.withLock { $0.parts }?.composition.runbooks.interrupts.press() ?? false }
  }

  private var parts: Bound<SessionParts> {
    Bound(looking: { () throws(CallFailure) in
      guard let parts = self.state.withLock({ $0.parts }) else {
        throw CallFailure(.defect, code: "internal.unbound", message: "opsh is still starting")
      }
      return parts
    })
  }

  /// Puts the session together; throws what is wrong with the site.
  func start() async throws(CallFailure) -> SessionParts {
    let composition = try await Composition.make(setting, domains)
    let core = try core(composition)
    let engine = try LuaEngine(
      catalog: core,
      configuration: LuaConfiguration(
        moduleRoots: composition.moduleRoots,
        print: { self.print($0) },
        inexact: { point in self.state.withLock { $0.parts }?.composition.runbooks.inexact.add(point) }
      )
    )
    return try await finish(composition, core, engine)
  }

  /// Reads the site and the plugins again; what is wrong with the site is thrown, and everything stays as it was.
  ///
  /// Throws `site.invalid`, `site.busy` for a host that is gone while a run has it, and `site.reload`.
  func reload() async throws(CallFailure) -> SiteReload {
    let old = try parts()
    guard CallContext.current.run == nil, setting.record == nil, setting.replay == nil else {
      throw CallFailure(
        .refused,
        code: "site.reload",
        message: "the site cannot be read again in a run or while reads are recorded or replayed",
        hint: "call site.reload() at the prompt"
      )
    }
    let composition: Composition
    do throws(CallFailure) {
      composition = try await Composition.make(setting, domains, isReload: true)
      try await refuseLosing(hosts: composition.surroundings.site?.hosts.map(\.name) ?? [], old)
    } catch {
      var failure = error
      failure.message += "; the site stays as it was"
      throw failure
    }
    let core = try core(composition)
    let parts: SessionParts
    do throws(CallFailure) {
      try await old.engine.replace(core.primitives)
      parts = try await finish(composition, core, old.engine, old.surface)
    } catch {
      // Lua must not call what the session does not have.
      try await old.engine.replace(old.catalog.primitives)
      var failure = error
      failure.message += "; the site stays as it was"
      throw failure
    }
    let gone = Set(old.catalog.primitives.map(\.info.name)).subtracting(parts.catalog.primitives.map(\.info.name))
    try await old.engine.replace(old.catalog.primitives.filter { gone.contains($0.info.name) }.map(\.removed))
    await finish(old.composition)
    return SiteReload(composition)
  }

  /// Waits for what is still to be written and told.
  func finish() async {
    if let composition = state.withLock({ $0.parts })?.composition { await finish(composition) }
  }

  private func finish(_ composition: Composition) async {
    await composition.runbooks.notifier.finish()
    await composition.runbooks.registry.finish()
  }

  /// A run that is under way or can be resumed needs the hosts that it began with.
  private func refuseLosing(hosts: [String], _ old: SessionParts) async throws(CallFailure) {
    let lost = Set(old.composition.surroundings.site?.hosts.map(\.name) ?? []).subtracting(hosts)
    guard !lost.isEmpty, old.composition.runbooks.journal.exists() else { return }
    let journal = try await old.composition.runbooks.registry.open().journal
    let states: [RunState] = [.running, .waiting, .interrupted, .detached, .unknown]
    for run in try await journal.runs(RunFilter(states: states, limit: 1000)) {
      guard let host = run.hosts.first(where: lost.contains) else { continue }
      throw CallFailure(
        .refused,
        code: "site.busy",
        message: "the site no longer lists \(host), and run \(run.id) (\(run.name)) on it is \(run.state.rawValue)",
        hint: "finish, resume or roll back that run, then site.reload()"
      )
    }
  }

  private func core(_ composition: Composition) throws(CallFailure) -> Catalog {
    let own = SessionPrimitives(control: control, tools: parts.map(\.tools))
    let session = (own.all + [reloading]).map { $0.of(family: "session") }
    return try Catalog(composition.primitives(parts.map(\.runbooks)) + session)
  }

  private func finish(
    _ composition: Composition,
    _ core: Catalog,
    _ engine: LuaEngine,
    _ surface: (any Surface)? = nil
  ) async throws(CallFailure) -> SessionParts {
    var catalog = core
    // A stop waits for nobody's code.
    if !composition.isForStopping {
      try catalog.add(await composition.plugins.start(in: engine, core: core.primitives))
    }
    composition.plugins.announce()
    let surface = surface ?? stage.surface(catalog.infos, at: isPrompt)
    let parts = try SessionParts(composition, catalog, surface, engine)
    let offers = OfferedRunbooks(composition)
    let completer = Completer(catalog.infos, candidates: offers, names: NameSnapshot(engine).names)
    state.withLock { state in
      state.parts = parts
      state.completer = isPrompt ? completer : nil
    }
    if isPrompt { Task { offers.set(await parts.runbooks.catalog.offers()) } }
    return parts
  }

  private func print(_ printed: PrintedText) {
    guard let surface = state.withLock({ $0.parts })?.surface else { return }
    switch (CallContext.current.voice, printed) {
    case (.own, .text(let text)): surface.printed(text)
    case (.own, .bytes(let bytes)): surface.printed(bytes)
    case (.plan, .text(let text)): surface.planned(text)
    case (.plan, .bytes(let bytes)): surface.planned(String(decoding: bytes, as: UTF8.self))
    case (.none, _): break
    }
  }

  private var reloading: Primitive {
    Primitive(
      "site.reload",
      "Reads the site and the plugins again; if the site is wrong, says so and keeps the old one.",
      effect: .reads,
      returns: "What the site holds now",
      examples: [Example("site.reload()", "after an edit of site.lua")],
      topics: ["edit", "configuration"]
    ) { () async throws(CallFailure) in
      try await self.reload()
    }
  }
}

/// What a site holds after it was read again.
struct SiteReload: Record {
  let site: String
  let summary: String
  let plugins: [String]

  init(_ composition: Composition) {
    site = composition.siteName ?? ""
    summary = composition.siteSummary ?? ""
    plugins = composition.plugins.plugins.filter { $0.problem == nil }.map { "\($0.id) \($0.version)" }
  }

  static var luaType: String { "site.Reload" }
  static let columns: [Column<Self>] = [
    Column(\.site, "site", "Name of the site"),
    Column(\.summary, "holds", "Hosts and bots"),
    Column(\.plugins, "plugins", "The plugins that are loaded, with their versions"),
  ]
}

extension Primitive {
  /// The same name, whose calls are refused: the site or the plugin that it came from no longer has it.
  fileprivate var removed: Primitive {
    let name = info.name
    return answering { _ async throws(CallFailure) in
      throw CallFailure(
        .refused,
        code: "primitive.gone",
        message: "\(name) no longer exists: the plugin that had it is not loaded any more",
        hint: "`plugins()` says why"
      )
    }
  }
}
