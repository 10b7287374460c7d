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

extension Domain {
  /// What plugins are loaded.
  package static var plugins: Domain {
    var domain = Domain("plugins")
    domain.siteSections = [PluginSettings.self]
    domain.primitives = { surroundings throws(CallFailure) in [LoadedPlugin.primitive(surroundings.plugins)] }
    return domain
  }
}
