import Foundation
package import LuaRuntime
import LuaSyntax
package import PrimitiveKit

/// Loads plugins: `plugin.lua` and `system.lua` as data first, then `init.lua` for the functions that were promised (DESIGN
/// section 11).
package struct PluginLoader: Sendable {
  /// Instructions `plugin.lua` and `system.lua` may take each: they are data (reference: manifests).
  static let dataBudget = 100_000

  private let engine: LuaEngine
  private let roots: [String]
  private let domains: DomainSet
  private let site: any SiteNames

  /// Looks for plugin folders in `roots`; a folder found earlier hides a later one of the same name.
  ///
  /// `domains` say what a `system.lua` may hold and which types settings may have; `site` has the names they speak of.
  package init(engine: LuaEngine, roots: [String], domains: DomainSet, site: any SiteNames) {
    self.engine = engine
    self.roots = roots
    self.domains = domains
    self.site = site
  }

  /// Loads every plugin; one that cannot be loaded is reported and the rest are loaded.
  ///
  /// `settings` are the tables the site has for runtimes, by name.
  package func load(settings: [String: Value]) async -> [LoadedPlugin] {
    var seen: Set<String> = []
    var plugins: [LoadedPlugin] = []
    for root in roots {
      for folder in folders(in: root) where seen.insert(folder).inserted {
        plugins.append(await load(folder, at: "\(root)/\(folder)", settings: settings[folder] ?? .null))
      }
    }
    return plugins.sorted { $0.id < $1.id }
  }

  private func folders(in root: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return names.filter { FileManager.default.fileExists(atPath: "\(root)/\($0)/plugin.lua") }.sorted()
  }

  private func load(_ folder: String, at path: String, settings: Value) async -> LoadedPlugin {
    do {
      let source = try text("\(path)/plugin.lua")
      let data = try await engine.evaluateData(
        source,
        name: "@\(path)/plugin.lua",
        instructionBudget: PluginLoader.dataBudget
      )
      let types = SettingTypes(domains.configTypes, site: site)
      let manifest = try PluginManifest(data, folder: folder, types: types)
      let config = try manifest.settings(settings, types)
      let system = try await system(at: "\(path)/system.lua")
      let module = try await engine.load(module: try text("\(path)/init.lua"), name: "@\(path)/init.lua")
      var runtimes: [RuntimeDriver] = []
      for name in manifest.runtimes {
        runtimes.append(try await runtime(name, in: module, config: config, path: path))
      }
      return LoadedPlugin(
        path: path,
        id: manifest.id,
        version: manifest.version,
        summary: manifest.summary,
        runtimes: runtimes,
        system: system,
        problem: nil
      )
    } catch {
      return LoadedPlugin(
        path: path,
        id: folder,
        version: "",
        summary: "",
        runtimes: [],
        system: nil,
        problem: CallFailure(anyError: error)
      )
    }
  }

  /// What the plugin says of its system, read by the domains; nil when it has no system.lua.
  ///
  /// Throws `plugin.invalid` with file and line for what no domain reads and what is wrong.
  private func system(at path: String) async throws(CallFailure) -> DataSections? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let source = try text(path)
    let value = try await engine.evaluateData(source, name: "@\(path)", instructionBudget: PluginLoader.dataBudget)
    do {
      return try domains.system(value, in: site)
    } catch {
      let place = LuaFieldLocator(file: path, source: source)(error.path)
      let field = error.path.isEmpty ? "the system" : error.path
      throw CallFailure(
        .invalid,
        code: "plugin.invalid",
        message: "\(place): \(field): expected \(error.expected), got \(error.got)",
        hint: error.hint
      )
    }
  }

  private func runtime(
    _ name: String,
    in module: LuaField,
    config: Value,
    path: String
  ) async throws(CallFailure) -> RuntimeDriver {
    guard let entry = module["runtimes"]?[name] else {
      throw CallFailure(
        .invalid,
        code: "plugin.invalid",
        message: "\(path)/init.lua: the manifest declares the runtime '\(name)', but it is not returned"
      )
    }
    guard case .string(let file)? = entry["script"]?.data, !file.contains("/") else {
      throw Reader.invalid(
        "\(path)/init.lua: runtimes.\(name).script",
        expected: "the name of a file next to it",
        got: entry["script"]?.data.literal ?? "nil"
      )
    }
    var environment = entry["environment"]?.data ?? .table([:])
    if let function = entry["environment"]?.function {
      environment = try await engine.call(function, [config]).first ?? .null
    }
    return try RuntimeDriver(
      name: name,
      script: try text("\(path)/\(file)"),
      verbs: entry["verbs"]?.data ?? .null,
      environment: environment,
      reserved: entry["reserved"]?.data ?? .null
    )
  }

  private func text(_ path: String) throws(CallFailure) -> String {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CallFailure(.invalid, code: "plugin.invalid", message: "\(path) cannot be read")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw CallFailure(.invalid, code: "plugin.invalid", message: "\(path) is not UTF-8 text")
    }
    return text
  }
}

/// One plugin, loaded or not.
package struct LoadedPlugin: Sendable, Equatable {
  /// Its folder.
  package let path: String
  package let id: String
  package let version: String
  package let summary: String
  package let runtimes: [RuntimeDriver]
  /// What domains read of its `system.lua`; nil when it has none.
  package let system: DataSections?
  /// Why it could not be loaded; nil when it was.
  package let problem: CallFailure?
}
