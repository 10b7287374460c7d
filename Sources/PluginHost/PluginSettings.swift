package import PrimitiveKit

/// What a site says to its plugins.
package struct PluginSettings: SiteSection {
  package static let keys: [DataKey] = [
    DataKey("runtimes", "The configuration of each runtime, by its id"),
    DataKey("plugins", "The configuration of each plugin, by its id; `signed` asks for signatures"),
  ]

  /// The configuration of each plugin, by its id; the plugin's manifest judges it.
  package var settings: [String: Value] = [:]

  /// The ids whose configuration stands in `runtimes`.
  private var runtimes: Set<String> = []

  /// Whether plugins beside the site must be signed.
  package var isSigned = false

  package init() {}

  package init(reading file: DataField, in site: any SiteNames) throws(DataError) {
    for (id, plugin) in try file.optional("plugins")?.entries("a table of plugins by id") ?? [] {
      if id == "signed" {
        isSigned = try plugin.bool()
        continue
      }
      _ = try plugin.entries("the table of a plugin's configuration")
      settings[id] = plugin.value
    }
    for (id, runtime) in try file.optional("runtimes")?.entries("a table of runtimes by id") ?? [] {
      _ = try runtime.entries("the table of a runtime's configuration")
      guard settings[id] == nil else {
        throw runtime.wrong("the settings of '\(id)' in one place", hint: "they also stand in `plugins`; remove these")
      }
      settings[id] = runtime.value
      runtimes.insert(id)
    }
  }
}

extension PluginSettings {
  /// Throws a `DataError` of the site for the settings of a plugin that is not there.
  package func check(_ plugins: [LoadedPlugin]) throws(DataError) {
    let known = plugins.map(\.id)
    for id in settings.keys.sorted() where !known.contains(id) {
      throw DataError(
        path: "\(runtimes.contains(id) ? "runtimes" : "plugins").\(id)",
        expected: "the id of a plugin",
        got: "'\(id)'",
        hint: NearestName.question(for: id, in: known) ?? "`plugins()` says where opsh looks"
      )
    }
  }
}
