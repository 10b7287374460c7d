import LuaRuntime
import PluginHost
import PrimitiveKit
import Runbooks
import Runs

/// A session of opsh in a pretend world: its primitives, and the code of plugins, bound to an engine.
struct PretendSession {
  let host: PluginHost
  /// The primitives as opsh has them.
  let real: [Primitive]
  /// Those that scripts call.
  let catalog: Catalog
  let lua: LuaEngine
  /// Where a plan had to guess.
  let inexact: InexactPoints

  /// A plugin that cannot be loaded says so in `host`.
  static func open(_ world: PretendWorld, _ plugins: [LoadedPlugin], _ calls: PretendCalls, _ setting: Specs)
    async throws(CallFailure) -> PretendSession
  {
    let host = PluginHost(plugins, systems: world.systems, dialogue: world.dialogue, now: world.world.now)
    var surroundings = world.surroundings(setting.domains)
    surroundings.pluginHost = host
    surroundings.checks = host.checks
    surroundings.systems = plugins.sections
    let real = try setting.domains.primitives(in: setting.domains.guarding(surroundings))
    let inexact = InexactPoints()
    var catalog = try Catalog(calls.pretend(real))
    let lua = try LuaEngine(
      catalog: catalog,
      configuration: LuaConfiguration(
        moduleRoots: setting.modules,
        print: { [dialogue = world.dialogue] in if case .text(let text) = $0 { dialogue.say(text) } },
        inexact: inexact.add
      )
    )
    let own = await host.start(in: lua, core: catalog.primitives)
    let answered = calls.answered(own)
    try await lua.replace(answered)
    let names = Set(answered.map(\.info.name))
    try catalog.add(own.filter { !names.contains($0.info.name) } + answered)
    return PretendSession(host: host, real: real, catalog: catalog, lua: lua, inexact: inexact)
  }

  /// Throws why the plugin in a folder could not be loaded.
  @discardableResult
  func requireLoaded(_ path: String) throws(CallFailure) -> LoadedPlugin {
    guard let plugin = host.plugins.first(where: { $0.path == path }) else {
      throw CallFailure(.defect, code: "internal.error", message: "the plugin in \(path) was not loaded")
    }
    if let problem = plugin.problem { throw problem }
    return plugin
  }
}
