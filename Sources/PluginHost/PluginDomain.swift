package import PrimitiveKit

extension Surroundings {
  private enum PluginsKey: SurroundingsKey {
    static var fallback: [LoadedPlugin] { [] }
  }

  /// The plugins of the session, those that could not be loaded too.
  package var plugins: [LoadedPlugin] {
    get { self[PluginsKey.self] }
    set { self[PluginsKey.self] = newValue }
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
  /// What plugins are loaded.
  package static var plugins: Domain {
    var domain = Domain("plugins")
    domain.siteSections = [PluginSettings.self]
    domain.primitives = { surroundings throws(CallFailure) in
      [
        LoadedPlugin.primitive(
          surroundings.plugins,
          roots: surroundings.pluginRoots,
          dialogue: surroundings.dialogue
        )
      ]
    }
    return domain
  }
}
