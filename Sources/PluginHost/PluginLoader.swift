import Foundation
package import LuaRuntime
package import PrimitiveKit
import RunbookHeader

/// Reads plugins: `plugin.lua` and `system.lua` as data first, then the drivers of runtimes (DESIGN section 11).
///
/// What `init.lua` promises to sessions is loaded later, by `PluginHost`, where the primitives are that it calls.
package struct PluginLoader: Sendable {
  /// Instructions `plugin.lua` and `system.lua` may take each: they are data (reference: manifests).
  static let dataBudget = 100_000

  let engine: LuaEngine
  private let roots: [String]
  private let domains: DomainSet
  private let site: any SiteNames
  private let judgesNames: Bool
  private let known: [String: String]
  private let seal: @Sendable (String) async throws(CallFailure) -> SealedFiles?

  /// Looks for plugin folders in `roots`; a folder found earlier hides a later one of the same name.
  ///
  /// `domains` say what a `system.lua` may hold and which types settings may have; `site` has the names they speak of.
  /// Without `judgesNames` there is no site yet: no `system.lua` is read, and settings may name any host.
  /// No code of a plugin runs whose drivers are `known`, by the digest of what they follow from. `seal` gets the folder of
  /// each plugin before anything in it is used, and throws where that must not be; what it answers is all that may be read
  /// of the plugin later.
  package init(
    engine: LuaEngine,
    roots: [String],
    domains: DomainSet,
    site: any SiteNames,
    judgesNames: Bool = true,
    known: [String: String] = [:],
    seal: @escaping @Sendable (String) async throws(CallFailure) -> SealedFiles? = { _ in nil }
  ) {
    self.engine = engine
    self.roots = roots
    self.domains = domains
    self.site = site
    self.judgesNames = judgesNames
    self.known = known
    self.seal = seal
  }

  /// Loads every plugin; one that cannot be loaded is reported and the rest are loaded.
  ///
  /// `settings` are the tables the site has for plugins, by id.
  package func load(settings: [String: Value]) async -> [LoadedPlugin] {
    var plugins: [String: LoadedPlugin] = [:]
    for root in roots {
      if let lost = unreadable(root) { plugins[lost.id] = lost }
      for folder in folders(in: root) {
        let path = "\(root)/\(folder)"
        if plugins[folder] == nil {
          plugins[folder] = await load(folder, at: path, settings: settings[folder] ?? .null)
        } else {
          plugins[folder]?.hidden.append(path)
        }
      }
    }
    return plugins.values.sorted { $0.id < $1.id }.refusingTwice
  }

  /// Loads the plugins that may answer hosts, before there is a site; all of it is read again once that is there.
  ///
  /// Those that answered before are among them, whatever stands in their manifests now. No code of them runs.
  package func loadInventories(settings: [String: Value], answered: Set<String>) async -> [LoadedPlugin] {
    var plugins: [String: LoadedPlugin] = [:]
    for root in roots {
      for folder in folders(in: root) where plugins[folder] == nil {
        let path = "\(root)/\(folder)"
        let promises = (try? PluginFile("\(path)/plugin.lua"))?.source.contains("inventories") == true
        guard promises || answered.contains(folder) else { continue }
        plugins[folder] = await load(folder, at: path, settings: settings[folder] ?? .null, withDrivers: false)
      }
    }
    return plugins.values.filter { $0.manifest?.provides.inventories.isEmpty != true }.sorted { $0.id < $1.id }
  }

  /// Loads the plugin of one folder; one that cannot be loaded says why.
  package func load(_ path: String, settings: Value) async -> LoadedPlugin {
    await load(URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent, at: path, settings: settings)
  }

  /// The folders of plugins, also of such as lost their manifest: what they brought must not vanish without a word.
  private func folders(in root: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return names.filter { name in
      guard !name.hasPrefix(".") else { return false }
      if isBroken("\(root)/\(name)") { return true }
      return ["plugin.lua", "init.lua", "system.lua"].contains { file in
        let path = "\(root)/\(name)/\(file)"
        return PluginFile.exists(path) || isBroken(path)
      }
    }
    .sorted()
  }

  /// Whether it is a link that leads nowhere.
  private func isBroken(_ path: String) -> Bool {
    let files = FileManager.default
    return (try? files.destinationOfSymbolicLink(atPath: path)) != nil && !files.fileExists(atPath: path)
  }

  /// What stands for the plugins of a root that is there and cannot be read.
  private func unreadable(_ root: String) -> LoadedPlugin? {
    let files = FileManager.default
    guard isBroken(root) || files.fileExists(atPath: root), (try? files.contentsOfDirectory(atPath: root)) == nil else {
      return nil
    }
    var plugin = LoadedPlugin(path: root, id: URL(fileURLWithPath: root).lastPathComponent)
    plugin.fail(
      CallFailure(
        .invalid,
        code: "plugin.invalid",
        message: "\(root) is no folder that can be read, so none of its plugins is loaded",
        hint: "check where it leads, and its permissions"
      )
    )
    return plugin
  }

  private func load(
    _ folder: String,
    at path: String,
    settings: Value,
    withDrivers: Bool = true
  ) async -> LoadedPlugin {
    var plugin = LoadedPlugin(path: path, id: folder)
    do throws(CallFailure) {
      plugin.sealed = try await seal(path)
      let types = SettingTypes(domains.configTypes, site: site, judgesNames: judgesNames)
      let file = try PluginFile("\(path)/plugin.lua")
      let manifest = try await manifest(file, folder: folder, types)
      plugin.manifest = manifest
      try refuseTaken(manifest.provides.checks, file)
      try refuseUnknown(manifest.provides.hooks, file)
      if judgesNames { plugin.system = try await system(at: "\(path)/system.lua") }
      plugin.config = try manifest.settings(settings, types, manifest: file, isForSystems: plugin.system != nil)
      for name in manifest.provides.runbooks where !PluginFile.exists("\(path)/runbooks/\(name).lua") {
        let index = manifest.provides.runbooks.firstIndex(of: name) ?? 0
        throw file.failure(
          at: "provides.runbooks[\(index + 1)]",
          "expected the file runbooks/\(name).lua, which does not exist",
          hint: nil
        )
      }
      if withDrivers, !manifest.provides.drivers.isEmpty {
        plugin.driverDigest = digest(ofDrivers: path, plugin.config)
        guard plugin.driverDigest == nil || plugin.driverDigest != known[folder] else { return plugin }
        let module = try await drivers(manifest, path)
        plugin.runtimes = try await runtimes(manifest, module, config: plugin.config, path: path)
        plugin.transports = try await transports(manifest, module, config: plugin.config, path: path)
      }
    } catch {
      plugin.fail(error)
    }
    return plugin
  }

  private func manifest(_ file: PluginFile, folder: String, _ types: SettingTypes) async throws(CallFailure)
    -> PluginManifest
  {
    let data = try await data(file)
    let manifest: PluginManifest
    do throws(DataError) {
      manifest = try PluginManifest(reading: DataField(data), folder: folder, types: types)
    } catch {
      throw file.failure(error)
    }
    if let problem = manifest.provides.primitives.compactMap(\.problem).first {
      // The words of a runbook's parameters begin with their path.
      throw file.failure(
        at: problem.path,
        String(problem.message.dropFirst(problem.path.count + 2)),
        hint: problem.hint
      )
    }
    return manifest
  }

  /// A check of opsh keeps its name, and what gates ask of it.
  private func refuseTaken(_ promises: [CheckPromise], _ file: PluginFile) throws(CallFailure) {
    let taken = Set(domains.checks.map(\.declaration.name))
    for promise in promises where taken.contains(promise.declaration.name) {
      throw file.failure(
        at: "\(promise.path).name",
        "opsh has a check '\(promise.declaration.name)' of its own",
        hint: "rename the check, or the plugin's folder and its id"
      )
    }
  }

  private func refuseUnknown(_ hooks: [String], _ file: PluginFile) throws(CallFailure) {
    let known = domains.hooks.map(\.name)
    for (index, name) in hooks.enumerated() where !known.contains(name) {
      throw file.failure(
        at: "provides.hooks[\(index + 1)]",
        "expected a hook of opsh, got '\(name)'",
        hint: NearestName.question(for: name, in: known)
          ?? (known.isEmpty ? nil : "the hooks are \(known.joined(separator: ", "))")
      )
    }
  }

  private func data(_ file: PluginFile) async throws(CallFailure) -> Value {
    do throws(CallFailure) {
      return try await engine.evaluateData(
        file.source,
        name: "@\(file.path)",
        instructionBudget: PluginLoader.dataBudget
      )
    } catch {
      throw file.telling(error, hint: "the file only describes: it returns one table and calls nothing")
    }
  }

  /// What the plugin says of its system, read by the domains; nil when it has no system.lua.
  ///
  /// Throws `plugin.invalid` with file and line for what no domain reads and what is wrong.
  private func system(at path: String) async throws(CallFailure) -> DataSections? {
    guard PluginFile.exists(path) else { return nil }
    let file = try PluginFile(path)
    let value = try await data(file)
    do {
      return try domains.system(value, in: site)
    } catch {
      throw file.failure(error)
    }
  }
}

/// One plugin as its files describe it, loaded or not.
package struct LoadedPlugin: Sendable, Equatable {
  /// Its folder.
  package let path: String
  package let id: String
  /// What `plugin.lua` says; nil when that cannot be read.
  package fileprivate(set) var manifest: PluginManifest?
  /// Its settings, defaults included.
  package fileprivate(set) var config = Value.table([:])
  package fileprivate(set) var runtimes: [RuntimeDriver] = []
  /// How programs of this machine reach hosts, by the name of the transport.
  package fileprivate(set) var transports: [String: TransportProgram] = [:]
  /// What the two follow from; nil for a plugin without them.
  package fileprivate(set) var driverDigest: String?
  /// What domains read of its `system.lua`; nil when it has none.
  package fileprivate(set) var system: DataSections?
  /// Its files as its signature covers them; nil where none is asked for.
  package fileprivate(set) var sealed: SealedFiles?
  /// Why it could not be loaded; nil when it was.
  package var problem: CallFailure?
  /// The folders of the same name that it hides.
  package fileprivate(set) var hidden: [String] = []

  init(path: String, id: String) {
    self.path = path
    self.id = id
  }

  /// It cannot be used, and what it brings is nobody's.
  mutating func fail(_ problem: CallFailure) {
    self.problem = problem
    (runtimes, transports, driverDigest) = ([], [:], nil)
  }

  /// Whether there is an `init.lua` although the manifest promises nothing of it.
  var hasUnpromisedCode: Bool {
    guard let provides = manifest?.provides, provides.functions.isEmpty, provides.drivers.isEmpty else { return false }
    return PluginFile.exists("\(path)/init.lua")
  }

  package var version: String { manifest?.version ?? "" }
  package var summary: String { manifest?.summary ?? "" }

  /// Where it went wrong and how, in one line.
  package var why: String? { problem?.placed }
}
