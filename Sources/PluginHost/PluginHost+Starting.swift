import Foundation
import Foundations
package import LuaRuntime
package import PrimitiveKit
import RunbookHeader
import Site
import Synchronization

/// Loading the code of plugins into a session.
extension PluginHost {
  /// Loads the functions that the manifests promise into the session's Lua.
  ///
  /// `core` are the primitives of opsh, which no plugin may take the names of. A plugin whose code is wrong is reported
  /// in `plugins()`, and the rest are loaded. Answers the primitives of those that could be loaded; each is bound.
  package func start(in engine: LuaEngine, core: [Primitive]) async -> [Primitive] {
    self.engine.withLock { $0 = engine }
    let access = Dictionary(core.map { ($0.info.name, $0.access) }, uniquingKeysWith: { first, _ in first })
    let taken = Set(core.compactMap { $0.info.name.split(separator: ".").first.map(String.init) })
    var primitives: [Primitive] = []
    for entry in all where entry.plugin.problem == nil {
      guard let manifest = entry.plugin.manifest, manifest.provides.hasCode || entry.plugin.hasUnpromisedCode else {
        continue
      }
      do throws(CallFailure) {
        let authority = try await authority(of: entry.plugin, manifest, access)
        let code = try await load(entry.plugin, manifest, authority)
        let own = manifest.provides.primitives.map { primitive($0, of: entry.plugin) }
        if let code, !own.isEmpty {
          guard !taken.contains(manifest.id) else { throw nameTaken(manifest.id, code.file) }
          do throws(CallFailure) {
            try await engine.replace(own)
          } catch {
            throw nameTaken(manifest.id, code.file)
          }
        }
        entries.withLock { entries in
          entries[manifest.id]?.authority = authority
          entries[manifest.id]?.code = code
        }
        primitives += own
      } catch {
        entries.withLock { $0[manifest.id]?.plugin.problem = error }
      }
    }
    return primitives
  }

  private func authority(
    of plugin: LoadedPlugin,
    _ manifest: PluginManifest,
    _ access: [String: PluginAccess]
  ) async throws(CallFailure) -> LuaAuthority {
    guard let engine = engine.withLock({ $0 }) else { throw PluginHost.unbound }
    let gate = gate(of: plugin, manifest) { access[$0] }
    return try await engine.authority(
      named: manifest.id,
      permit: { info, arguments throws(CallFailure) in try gate.permit(info, arguments) },
      modules: [plugin.path],
      admit: { [sealed = plugin.sealed] path, bytes throws(CallFailure) in try sealed?.check(bytes, of: path) },
      folder: ScriptFolder.joining(FileManager.default.currentDirectoryPath, plugin.path)
    )
  }

  private func gate(
    of plugin: LoadedPlugin,
    _ manifest: PluginManifest,
    _ access: @escaping @Sendable (String) -> PluginAccess?
  ) -> CapabilityGate {
    CapabilityGate(
      plugin: manifest.id,
      manifest: "\(plugin.path)/plugin.lua",
      capabilities: manifest.capabilities,
      access: access,
      owner: { [weak self] name in self?.owner(of: name) }
    )
  }

  /// Why the code of a plugin may not call a primitive, whatever its arguments are; nil when it may.
  package func refusal(of primitive: Primitive, to id: String) -> CallFailure? {
    guard let plugin = entry(id)?.plugin, let manifest = plugin.manifest else { return nil }
    do throws(CallFailure) {
      try gate(of: plugin, manifest) { _ in primitive.access }.permit(primitive.info, [])
      return nil
    } catch {
      // What only reads with some arguments may need less then.
      guard primitive.info.readsWhen != nil, let needed = primitive.access.capability(for: .reads) else { return error }
      return manifest.capabilities.contains { $0.rawValue == needed } ? nil : error
    }
  }

  /// The functions of the plugin; nil when its manifest promises none.
  private func load(_ plugin: LoadedPlugin, _ manifest: PluginManifest, _ authority: LuaAuthority)
    async throws(CallFailure) -> PluginCode?
  {
    guard !manifest.provides.functions.isEmpty || plugin.hasUnpromisedCode else { return nil }
    guard let engine = engine.withLock({ $0 }) else { throw PluginHost.unbound }
    let file = try PluginFile("\(plugin.path)/init.lua")
    try plugin.sealed?.check(file.source.utf8, of: file.path)
    let code = PluginCode(file: file, authority: authority)
    let module = try await code.load(in: engine, tracing: false)
    try PluginPromise(manifest: manifest, file: code.file).check(module)
    return code
  }

  private func nameTaken(_ id: String, _ file: PluginFile) -> CallFailure {
    CallFailure(
      .invalid,
      code: "plugin.invalid",
      message: "\(file.path):1: the primitives of plugin '\(id)' would be called \(id).NAME, and '\(id)' is opsh's own",
      hint: "rename its folder and its id"
    )
  }

  /// The plugin that a primitive belongs to.
  private func owner(of name: String) -> (id: String, capabilities: Set<Capability>)? {
    guard let dot = name.firstIndex(of: ".") else { return nil }
    let id = String(name[..<dot])
    return entries.withLock { entries in
      guard let manifest = entries[id]?.plugin.manifest,
        manifest.provides.primitives.contains(where: { $0.name == name[dot...].dropFirst() })
      else { return nil }
      return (id, manifest.capabilities)
    }
  }

  private func primitive(_ declared: PrimitiveDeclaration, of plugin: LoadedPlugin) -> Primitive {
    let id = plugin.id
    let own = systems.seen(by: id)
    let choice = plugin.system.map { _ in SystemChoice(declared, of: id, own) }
    var primitive = Primitive(
      declared: "\(id).\(declared.name)",
      declared.summary,
      effect: declared.effect,
      declared.params.map(DeclaredParameter.init) + (choice?.added ?? []),
      returns: declared.returns,
      examples: declared.examples,
      topics: declared.topics + ["plugin \(id)"]
    ) { [weak self] arguments async throws(CallFailure) in
      guard let self else { throw PluginHost.unbound }
      let call = PluginCall(id: id, section: "primitives", name: declared.name, effect: declared.effect)
      let system = try choice?.system(arguments)
      let handed = try declared.handed(arguments, own, choice)
      return try await self.call(call, .table(handed), for: system)
    }
    primitive.access = .anybody
    return primitive
  }
}
