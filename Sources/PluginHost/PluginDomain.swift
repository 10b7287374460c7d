import Foundation
package import PrimitiveKit

extension Surroundings {
  private enum PluginsKey: SurroundingsKey {
    static var fallback: [LoadedPlugin] { [] }
  }

  /// The plugins of the session as their files describe them, those that could not be loaded too.
  package var plugins: [LoadedPlugin] {
    get { self[PluginsKey.self] }
    set { self[PluginsKey.self] = newValue }
  }
}

extension Surroundings {
  private enum PluginHostKey: SurroundingsKey {
    static var fallback: PluginHost? { nil }
  }

  /// What runs of the plugins; nil in surroundings without any.
  package var pluginHost: PluginHost? {
    get { self[PluginHostKey.self] }
    set { self[PluginHostKey.self] = newValue }
  }
}

extension Surroundings {
  private enum PluginRootsKey: SurroundingsKey {
    static var fallback: [String] { [] }
  }

  /// The directories that plugins are looked for in, in order; one that does not exist is among them.
  package var pluginRoots: [String] {
    get { self[PluginRootsKey.self] }
    set { self[PluginRootsKey.self] = newValue }
  }
}

extension Domain {
  /// What plugins are loaded, and how they fare.
  package static var plugins: Domain {
    var domain = Domain("plugins")
    domain.siteSections = [PluginSettings.self]
    domain.errors = { info in
      info.parameters.isEmpty ? [] : [ErrorInfo("plugin.unknown", "no plugin has this id")]
    }
    domain.candidates = [CandidateKind(.named("plugins")) { $0.pluginHost?.plugins.map(\.id) ?? [] }]
    domain.primitives = { surroundings throws(CallFailure) in
      let host =
        surroundings.pluginHost
        ?? PluginHost(surroundings.plugins, dialogue: surroundings.dialogue, now: surroundings.world.now)
      return PluginPrimitives(host: host, roots: surroundings.pluginRoots, dialogue: surroundings.dialogue).all
    }
    return domain
  }
}
