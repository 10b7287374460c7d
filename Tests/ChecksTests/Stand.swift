import Foundation
import OpshTesting
import PrimitiveKit
import Site

@testable import Checks

/// A session with checks of the test's own, at second 1000 of 1970.
struct Stand {
  let dialogue = RecordingDialogue()
  var surroundings: Surroundings

  init(
    _ checks: [Check] = [],
    clock: any Clock<Duration> = ContinuousClock(),
    mode: World.Mode = .live,
    hosts: any Transport = ScriptedTransport { _, _ throws(TransportError) in .ended() },
    now: @escaping @Sendable () -> Date = { Date(timeIntervalSince1970: 1000) }
  ) {
    let world = World(
      mode: mode,
      clock: clock,
      now: now,
      drawSeed: { 1 },
      services: Services().with(Hosts.self, hosts)
    )
    surroundings = Surroundings(world: world, dialogue: dialogue, options: SessionOptions())
    surroundings.checks = checks
  }

  /// Reads the site's sections about checks from data; throws a `DataError`.
  mutating func site(_ file: [String: Value]) throws {
    surroundings.sections = try DataSections([CheckSettings.self], reading: DataField(.table(file)), in: NoNames())
  }

  /// Gives the site one route, of what is BAD to `pager`.
  mutating func route(check: String) throws {
    let fields: [String: Value] = ["level": .string("BAD"), "check": .string(check), "to": .string("pager")]
    try site(["routes": .array([.table(fields)])])
  }

  /// What all checks find.
  func findings() async throws -> [Finding] {
    try await CheckRunner(surroundings).findings(of: surroundings.checkList.checks)
  }

  func call(_ name: String, _ arguments: [String: Value] = [:]) async throws -> Value {
    guard let primitive = CheckPrimitives(surroundings: surroundings).all.first(where: { $0.info.name == name }) else {
      throw CallFailure(.defect, code: "test", message: "there is no \(name)")
    }
    return try await primitive.call([.table(arguments)])
  }

  /// The code of the failure of a call; nil when it succeeds.
  func failure(_ name: String, _ arguments: [String: Value] = [:]) async -> CallFailure? {
    do {
      _ = try await call(name, arguments)
      return nil
    } catch {
      return CallFailure(anyError: error)
    }
  }
}

extension Check {
  /// OK below 50, BAD from 80.
  static func fill(_ name: String, _ measured: [Measured], deadline: Duration = .seconds(30)) -> Check {
    Check(CheckDeclaration(name, "It", ok: [.below(50)], bad: [.from(80)], deadline: deadline)) { _ in measured }
  }
}

/// A site without hosts.
struct NoNames: SiteNames {
  let hostNames = NameSet()
  let botNames = NameSet()
  func hosts(selecting selector: String) throws(CallFailure) -> [String] { [] }
  func bots(selecting selector: String) throws(CallFailure) -> [String] { [] }
}

/// A site with these hosts.
func testSite(_ names: [String]) throws -> Site {
  let entries = names.map { Value.table(["name": .string($0)]) }
  return try Site(decoding: .table(["name": .string("test"), "hosts": .array(entries)]))
}
