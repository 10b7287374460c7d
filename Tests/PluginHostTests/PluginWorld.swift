import Foundation
import Foundations
import LuaRuntime
import OpshTesting
import PluginHost
import PrimitiveKit
import Site
import Synchronization
import Testing

/// A directory of plugins that is gone with the test.
final class PluginFolder {
  let root = NSTemporaryDirectory() + "opsh-\(UUID().uuidString.prefix(8))"

  deinit { try? FileManager.default.removeItem(atPath: root) }

  func add(_ id: String, _ files: [String: String]) throws {
    for (name, text) in files { try add(id, name, Data(text.utf8)) }
  }

  func add(_ id: String, _ name: String, _ data: Data) throws {
    let path = "\(root)/\(id)/\(name)"
    let directory = (path as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try data.write(to: URL(fileURLWithPath: path))
  }
}

/// A site with one host and one bot.
struct OneBot: SiteNames {
  let hostNames = NameSet(names: ["web1"])
  let botNames = NameSet(names: ["bot1"])

  func hosts(selecting selector: String) throws(CallFailure) -> [String] { try named(selector, in: hostNames) }
  func bots(selecting selector: String) throws(CallFailure) -> [String] { try named(selector, in: botNames) }

  private func named(_ name: String, in names: NameSet) throws(CallFailure) -> [String] {
    if name == "web1", names == botNames { return botNames.names }
    guard names.contains(name) else { throw CallFailure(.invalid, code: "set.unknown", message: "no '\(name)'") }
    return [name]
  }
}

/// A session with plugins in it, and primitives that only write down that they were called.
final class PluginWorld {
  let folder = PluginFolder()
  let dialogue = RecordingDialogue()
  private(set) var engine: LuaEngine
  private(set) var host: PluginHost
  private(set) var catalog = Catalog()
  private let calls = Calls()
  private let clock = Clock()

  private final class Clock: Sendable {
    private let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))
    var now: Date { time.withLock { $0 } }
    func pass(_ seconds: Double) { time.withLock { $0 += seconds } }
  }

  private final class Calls: Sendable {
    let list = Mutex<[String]>([])
    func note(_ name: String) { list.withLock { $0.append("\(CallContext.current.plugin ?? "operator"): \(name)") } }
  }

  init() throws {
    engine = try LuaEngine(catalog: Catalog())
    host = PluginHost([], dialogue: dialogue, now: { Date() })
  }

  /// Reads and starts the plugins of the folder.
  @discardableResult
  func open(
    settings: [String: Value] = [:],
    systems: [String: Value] = [:],
    domains list: [Domain] = [],
    budget: LuaBudget = LuaBudget(),
    isAttended: Bool = true,
    deadline: Duration = .seconds(15),
    isSigned: Bool = false
  ) async throws -> PluginWorld {
    let domains = try DomainSet(list + [.systems])
    let loader = PluginLoader(
      engine: try LuaEngine(catalog: Catalog()),
      roots: [folder.root],
      domains: domains,
      site: OneBot(),
      seal: { path throws(CallFailure) in isSigned ? try SealedFiles(path) : nil }
    )
    let plugins = await loader.load(settings: settings)
    let named = try SystemSettings(reading: DataField(.table(["systems": .table(systems)])), in: OneBot())
    let catalogOfSystems = try SystemCatalog(named.entries, of: plugins, domains, in: OneBot())
    host = PluginHost(
      plugins,
      systems: catalogOfSystems,
      dialogue: dialogue,
      now: { [clock] in clock.now },
      budget: budget,
      isAttended: isAttended,
      deadline: deadline
    )
    var surroundings = Surroundings(
      world: World(
        mode: .dry,
        clock: ContinuousClock(),
        now: { Date() },
        drawSeed: { 7 },
        services: Services()
      ),
      dialogue: dialogue,
      options: SessionOptions()
    )
    surroundings.catalogOfSystems = catalogOfSystems
    let core = try PluginWorld.primitives(calls) + DomainSet([.systems, .sets]).primitives(in: surroundings)
    let own = PluginPrimitives(host: host, roots: [folder.root], dialogue: dialogue).all
    catalog = try Catalog(core + own)
    engine = try LuaEngine(catalog: catalog)
    try catalog.add(await host.start(in: engine, core: core + own))
    host.announce()
    return self
  }

  /// One plugin, with what `init.lua` returns and its manifest's `provides` given.
  func add(_ id: String, provides: String = "", capabilities: String = "", code: String, more: String = "") throws {
    let manifest = """
      return {
        id = "\(id)", version = "1.0.0", api = 2, summary = "A plugin of a test",
        capabilities = { \(capabilities) },\(more)
        provides = { \(provides) },
      }
      """
    try folder.add(id, ["plugin.lua": manifest, "init.lua": code])
  }

  /// A plugin with one primitive `ID.act(x)` whose body is given.
  func add(acting id: String, capabilities: String = "", effect: String = "administers", _ body: String) throws {
    try add(
      id,
      provides: """
        primitives = { { name = "act", summary = "Acts", effect = "\(effect)", returns = "What comes of it",
          params = { { "x", required = false } } } },
        """,
      capabilities: capabilities,
      code: "return { primitives = { act = function(args) \(body) end } }"
    )
  }

  func pass(_ seconds: Double) { clock.pass(seconds) }

  /// Which calls ran, as "PLUGIN: name".
  func takeCalls() -> [String] {
    calls.list.withLock { list in
      defer { list = [] }
      return list
    }
  }

  /// Runs a line as typed at the prompt.
  @discardableResult
  func type(_ line: String) async throws(CallFailure) -> [Value] {
    try await engine.run(line, name: "=prompt", kind: .prompt)
  }

  /// How a line as typed at the prompt fails.
  func failure(_ line: String) async -> CallFailure? {
    do throws(CallFailure) {
      Issue.record("did not fail, but answered \(try await type(line))")
      return nil
    } catch {
      return error
    }
  }

  func problem(_ id: String) -> CallFailure? { host.plugins.first { $0.id == id }?.problem }

  private static func primitives(_ calls: Calls) -> [Primitive] {
    func primitive(_ name: String, _ effect: Effect, _ access: PluginAccess) -> Primitive {
      var primitive = Primitive(
        name,
        "Notes that it was called.",
        effect: effect,
        Parameter<Value>("what", default: .null, "Whatever"),
        returns: "The argument",
        examples: []
      ) { what async throws(CallFailure) in
        calls.note(name)
        return what
      }
      primitive.access = access
      return primitive
    }
    var forever = Primitive(
      "fleet.wait",
      "Waits until it is cancelled.",
      effect: .reads,
      returns: "never",
      examples: []
    ) { () async throws(CallFailure) -> Value in
      try? await Task.sleep(for: .seconds(1000))
      throw .cancelled
    }
    forever.access = .effects(on: "hosts")
    return [
      forever,
      primitive("fleet.look", .reads, .effects(on: "hosts")),
      primitive("fleet.act", .changes, .effects(on: "hosts")),
      primitive("ledger.look", .reads, .effects(on: "ledger")),
      primitive("ledger.act", .changes, .effects(on: "ledger")),
      primitive("http.get", .reads, .capability("http")),
      primitive("secret.list", .reads, .capability("secrets")),
      primitive("file.read", .reads, .capability("files")),
      primitive("program", .changes, .capability("programs")),
      primitive("json.size", .reads, .anybody),
      primitive("approvals.lift", .administers, .operators),
    ]
  }
}
