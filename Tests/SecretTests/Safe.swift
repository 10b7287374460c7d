import Drivers
import Foundation
import LuaRuntime
import OpshTesting
import PrimitiveKit
import SecretPrimitives

/// A machine of one test, with a home, and the secrets that its site names.
struct Safe {
  let scratch: Scratch
  let masks = SecretMasks()
  let settings: SecretSettings
  let environment: [String: String]
  let clock = ManualClock()

  /// `site` is what stands under `secrets`.
  init(_ site: [String: Value], environment: [String: String] = [:], in scratch: Scratch? = nil) throws {
    let scratch = try scratch ?? Scratch()
    self.scratch = scratch
    settings = try SecretSettings(reading: DataField(.table(["secrets": .table(site)])), in: NoNames())
    self.environment = ["HOME": scratch.path, "PATH": "/usr/bin:/bin"].merging(environment) { $1 }
  }

  /// Another process of the same installation.
  var store: SecretStore {
    SecretStore(settings, environment: environment, folder: scratch.path, masks: masks, clock: clock)
  }

  func services(_ transport: (any Transport)? = nil) -> Services {
    let services = Services().with(Secrets.self, store)
    return transport.map { services.with(Hosts.self, MaskedTransport($0, masks)) } ?? services
  }

  func world(_ services: Services? = nil) -> World {
    World(
      mode: .live,
      clock: clock,
      now: { Date(timeIntervalSince1970: 0) },
      drawSeed: { 7 },
      services: services ?? self.services()
    )
  }

  func surroundings(_ world: World? = nil) -> Surroundings {
    var surroundings = Surroundings(
      world: world ?? self.world(),
      dialogue: RecordingDialogue(),
      options: SessionOptions()
    )
    surroundings.sections[SecretSettings.self] = settings
    return surroundings
  }

  /// Runs a script with `secret`, JSON and the like.
  func run(_ code: String, with more: [Primitive] = []) async throws -> [Value] {
    let primitives = try Domain.secrets.primitives(surroundings()) + more
    return try await LuaEngine(catalog: try Catalog(primitives)).run(code, name: "=test", kind: .script)
  }
}

/// A site without hosts.
struct NoNames: SiteNames {
  let hostNames = NameSet()
  let botNames = NameSet()
  func hosts(selecting selector: String) throws(CallFailure) -> [String] { [] }
  func bots(selecting selector: String) throws(CallFailure) -> [String] { [] }
}
