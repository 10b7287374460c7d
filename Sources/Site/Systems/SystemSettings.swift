package import PrimitiveKit

/// The systems that a site names: products, each on some hosts and served by a plugin.
package struct SystemSettings: SiteSection {
  package static let keys: [DataKey] = [
    DataKey("systems", "The systems of the site: which plugin serves each, and on which hosts")
  ]

  /// One system, as the site writes it.
  package struct Entry: Sendable, Equatable {
    package let name: String
    /// The id of the plugin that serves it.
    package let plugin: String
    /// Its hosts by name, in the order of the site.
    package let hosts: [String]
    /// What the names of its bots begin with, before their kind.
    package let prefix: String
    /// Its other fields, which the plugin's manifest judges.
    package let config: [String: Value]
    /// As it is written in the file, for errors.
    package let path: String
  }

  /// By name.
  package var entries: [Entry] = []

  /// The fields that are not settings of the plugin.
  package static let ownFields = ["on", "plugin", "prefix"]

  package init() {}

  package init(reading file: DataField, in site: any SiteNames) throws(DataError) {
    for (name, system) in try file.optional("systems")?.entries("a table of systems by name") ?? [] {
      try system.check(names: [name])
      _ = try system.entries("a table such as { plugin = \"rocky\", on = \"web1\" }")
      let plugin = try system.required("plugin", "the id of the plugin that serves it")
      let on = try system.required("on", "its hosts, as a set")
      entries.append(
        Entry(
          name: name,
          plugin: try plugin.plainName("the id of the plugin that serves it"),
          hosts: try SystemSettings.hosts(on, in: site),
          prefix: try SystemSettings.prefix(system.optional("prefix")),
          config: system.value.tableFields.filter { !SystemSettings.ownFields.contains($0.key) },
          path: system.path
        )
      )
    }
  }

  private static func hosts(_ field: DataField, in site: any SiteNames) throws(DataError) -> [String] {
    let text = try field.texts("a set of hosts, or a list of sets").joined(separator: ",")
    do throws(CallFailure) {
      return try site.hosts(selecting: text)
    } catch {
      throw DataError(path: field.path, expected: "hosts of the site", got: error.message, hint: error.hint)
    }
  }

  private static func prefix(_ field: DataField?) throws(DataError) -> String {
    guard let field, field.value != .string("") else { return "" }
    return try field.word("what the names of its bots begin with")
  }
}
