import Foundation
import Foundations
import LuaRuntime
package import PluginHost
package import PrimitiveKit
import Site

/// Runs specs: the real engine and a real journal, with primitives that answer what each case says.
package struct Specs: Sendable {
  /// What opsh consists of: its primitives are declared by these.
  let domains: DomainSet
  /// The plugins of the site.
  let plugins: [LoadedPlugin]
  /// The directories that `require` looks in.
  let modules: [String]
  /// The directories that runbooks lie in.
  let folders: [String]
  let version: String

  package init(_ domains: DomainSet, plugins: [LoadedPlugin], modules: [String], folders: [String], version: String) {
    self.domains = domains
    self.plugins = plugins
    self.modules = modules
    self.folders = folders
    self.version = version
  }

  /// The specs that files and folders name, each once, in order.
  ///
  /// Throws `spec.missing` for what is no spec, and for a folder without one.
  package static func paths(in words: [String]) throws(CallFailure) -> [String] {
    var paths: [String] = []
    for word in words.map({ $0.count > 1 && $0.hasSuffix("/") ? String($0.dropLast()) : $0 }) {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: word, isDirectory: &isFolder) else {
        throw SpecFile.missing(
          "\(word) does not exist",
          hint: "give a file that ends in \(SpecFile.ending), or a folder"
        )
      }
      if isFolder.boolValue {
        let names = FileManager.default.enumerator(atPath: word)?.compactMap { $0 as? String } ?? []
        let found = names.sorted().filter { $0.hasSuffix(SpecFile.ending) && !$0.contains("/.") && !$0.hasPrefix(".") }
        guard !found.isEmpty else {
          throw SpecFile.missing("\(word) has no specs", hint: "their names end in \(SpecFile.ending)")
        }
        paths += found.map { word == "." ? $0 : "\(word)/\($0)" }
      } else if word.hasSuffix(SpecFile.ending) {
        paths.append(word)
      } else {
        throw SpecFile.missing("\(word) is not a spec", hint: "the name of a spec ends in \(SpecFile.ending)")
      }
    }
    var seen: Set<String> = []
    return paths.filter { seen.insert($0).inserted }
  }

  /// Reads one spec and runs its cases whose names contain `text`, one after the other.
  ///
  /// What is wrong with the file itself is its problem in the result.
  package func run(_ path: String, only text: String? = nil) async -> SpecResult {
    let elapsed = ContinuousClock().stopwatch()
    var result = SpecResult(file: path)
    do throws(CallFailure) {
      let cases = try await SpecFile.cases(in: path, folders: folders, modules: modules, tools: try tools)
      for given in cases where text.map({ given.name.contains($0) }) ?? true {
        result.outcomes.append(try await run(given))
      }
    } catch {
      result.problem = error
    }
    result.seconds = elapsed().seconds
    return result
  }

  private func run(_ given: SpecCase) async throws(CallFailure) -> SpecOutcome {
    let elapsed = ContinuousClock().stopwatch()
    let run = try await SpecRun.run(given, self)
    return SpecOutcome(
      name: given.name,
      place: given.place,
      problems: SpecJudge(given, run).problems,
      said: run.said,
      seconds: elapsed().seconds
    )
  }

  /// Loads the plugin in a folder in a pretend world, with the settings of the site or such as stand for them.
  ///
  /// Throws why it cannot be loaded, with file and line.
  package func open(_ path: String) async throws(CallFailure) -> OpenedPlugin {
    var world = try world
    let plugin = try await plugin(in: path, settings: .table([:]), world)
    let calls = PretendCalls(answers: [:], unknown: [], engine: try LuaEngine(catalog: Catalog()))
    let all = plugins.filter { $0.id != plugin.id } + [plugin]
    do throws(DataError) { try serve(all, of: path, in: &world) } catch { throw CallFailure(error) }
    let session = try await PretendSession.open(world, all, calls, self)
    return OpenedPlugin(try session.requireLoaded(path), session.host, session.catalog, session.lua)
  }

  /// The plugins of a case: those of the site, and the one that the spec belongs to, with the settings of the case.
  ///
  /// Throws why that one cannot be loaded.
  func plugins(of given: SpecCase, in world: PretendWorld) async throws(CallFailure) -> [LoadedPlugin] {
    guard let path = given.spec.plugin else { return plugins }
    let plugin = try await plugin(in: path, settings: given.settings, world)
    if let problem = plugin.problem { throw problem }
    return plugins.filter { $0.id != plugin.id } + [plugin]
  }

  /// Gives a world its systems; the plugin in this folder serves one unless the site of the case says which there are.
  func serve(_ plugins: [LoadedPlugin], of folder: String?, in world: inout PretendWorld) throws(DataError) {
    if let owner = plugins.first(where: { $0.path == folder }) { try world.serve(owner, domains) }
    let entries = world.site.sections[SystemSettings.self].entries
    world.systems = try SystemCatalog(entries, of: plugins, domains, in: world.site)
  }

  /// The plugin in a folder; settings that a site would have to give and the case does not have are made up.
  private func plugin(in path: String, settings: Value, _ world: PretendWorld) async throws(CallFailure)
    -> LoadedPlugin
  {
    let loader = PluginLoader(engine: try LuaEngine(catalog: Catalog()), roots: [], domains: domains, site: world.site)
    let plugin = await loader.load(path, settings: settings)
    guard plugin.problem != nil, case .table(let samples)? = plugin.manifest?.sampleSettings else { return plugin }
    // What is wrong beside the settings is told by the second look, too.
    return await loader.load(path, settings: .table(samples.merging(settings.tableFields) { $1 }))
  }

  /// A world with the usual site.
  private var world: PretendWorld {
    get throws(CallFailure) {
      do throws(DataError) { return try PretendWorld(site: nil, domains) } catch { throw CallFailure(error) }
    }
  }

  /// What the functions of a spec may call: primitives that answer at once and reach nothing outside of Lua.
  private var tools: Catalog {
    get throws(CallFailure) {
      let real = try domains.primitives(in: try world.surroundings(domains))
      return try Catalog(real.filter { $0.access == .anybody && $0.info.isImmediate })
    }
  }
}
