package import LuaRuntime
import PluginHost
package import PrimitiveKit

/// A plugin that was loaded in a pretend world.
package struct OpenedPlugin: Sendable {
  /// What it provides, a line each.
  package let provides: [String]
  /// The primitives of opsh and of the plugins.
  package let catalog: Catalog
  package let engine: LuaEngine
  private let id: String
  private let host: PluginHost

  init(_ plugin: LoadedPlugin, _ host: PluginHost, _ catalog: Catalog, _ engine: LuaEngine) {
    provides = plugin.provides
    (id, self.host, self.catalog, self.engine) = (plugin.id, host, catalog, engine)
  }

  /// The examples of its primitives, as operators would type them.
  package var examples: [Example] {
    catalog.infos.filter { $0.name.hasPrefix("\(id).") }.flatMap(\.examples)
  }

  /// Why the plugin's code may not call a primitive; nil when it may.
  package func refusal(of info: PrimitiveInfo) -> CallFailure? {
    catalog[info.name].flatMap { host.refusal(of: $0, to: id) }
  }
}
