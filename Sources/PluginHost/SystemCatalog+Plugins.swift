package import PrimitiveKit
package import Site

extension SystemCatalog {
  /// The systems of a site, each with the settings that its plugin's manifest judged and the bots that belong to it.
  ///
  /// One whose plugin could not be loaded is among them, and says why. `domains` say which types settings may have. Throws
  /// a `DataError` of the site: for a name that is taken, a plugin that is not there or serves no systems, a setting that
  /// is wrong, and a bot that two systems claim.
  package init(
    _ entries: [SystemSettings.Entry],
    of plugins: [LoadedPlugin],
    _ domains: DomainSet,
    in site: any SiteNames
  ) throws(DataError) {
    let types = SettingTypes(domains.configTypes, site: site)
    let families = Set(domains.checks.map { String($0.declaration.name.prefix { $0 != "." }) })
    var systems: [System] = []
    for entry in entries {
      // Its checks are called by it, and would have the names of others.
      guard !families.contains(entry.name),
        entry.name == entry.plugin || !plugins.contains(where: { $0.id == entry.name })
      else {
        throw DataError(
          path: entry.path,
          expected: "a name for the system that no plugin and no family of checks has",
          got: "'\(entry.name)'",
          hint: "call it otherwise, such as \(entry.plugin) or my_\(entry.name)"
        )
      }
      guard let plugin = plugins.first(where: { $0.id == entry.plugin }) else {
        throw DataError(
          path: "\(entry.path).plugin",
          expected: "the id of a plugin",
          got: "'\(entry.plugin)'",
          hint: NearestName.question(for: entry.plugin, in: plugins.map(\.id)) ?? "`plugins()` says where opsh looks"
        )
      }
      if let problem = plugin.problem {
        systems.append(System(entry, config: .table(entry.config), sections: nil, problem: problem.placed))
        continue
      }
      guard let sections = plugin.system, let manifest = plugin.manifest else {
        throw DataError(
          path: "\(entry.path).plugin",
          expected: "a plugin that serves systems",
          got: "'\(entry.plugin)', which has no system.lua",
          hint: "add system.lua to \(plugin.path), or name another plugin"
        )
      }
      systems.append(System(entry, config: try manifest.settings(of: entry, plugin.config, types), sections: sections))
    }
    try self.init(systems, in: site)
  }
}

extension LoadedPlugin {
  /// Settings that stand for those that each of its systems has to give, to serve one without a site.
  package var sampleSettings: [String: Value] {
    (manifest?.sampleSettings.tableFields ?? [:]).filter { config[$0.key] == .null }
  }
}

extension [LoadedPlugin] {
  /// What domains read of their `system.lua`, by the plugin's id.
  package var sections: [String: DataSections] {
    Dictionary(
      compactMap { plugin in plugin.system.map { (plugin.id, $0) } },
      uniquingKeysWith: { first, _ in first }
    )
  }
}
