package import PrimitiveKit

/// What a site says to its plugins.
package struct PluginSettings: SiteSection {
  package static let keys: [DataKey] = [DataKey("runtimes", "The configuration of each runtime, by its id")]

  /// The configuration of each runtime, by its id; the plugin's manifest judges it.
  package var runtimes: [String: Value] = [:]

  package init() {}

  package init(reading file: DataField, in site: any SiteNames) throws(DataError) {
    for (id, runtime) in try file.optional("runtimes")?.entries("a table of runtimes by id") ?? [] {
      _ = try runtime.entries("the table of a runtime's configuration")
      runtimes[id] = runtime.value
    }
  }
}
