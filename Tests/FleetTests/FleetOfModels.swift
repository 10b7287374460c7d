import HostScript
import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Site
import Synchronization

import struct Foundation.Date

@testable import Fleet

/// A fleet whose hosts are models: what a host does is decided by the test, what opsh does is real.
final class FleetOfModels: Sendable {
  let clock = ManualClock()
  let dialogue: RecordingDialogue
  let transport: ScriptedTransport
  let interruptions = Interruptions()
  let fleet: Fleet
  let site: Site
  private let hosts: ModelHosts

  /// Hosts web001 … with three bots each on v1, the trio 898-900 on stage01, images v1 and v2.
  init(
    hosts count: Int = 6,
    bots: Int? = nil,
    answers: [String?] = [],
    isInteractive: Bool? = nil,
    options: SessionOptions = SessionOptions(),
    runs: any RunOpener = UnrecordedRuns(),
    stops: any StopLog = NoStopLog(),
    releases: any ReleaseMarks = NoReleaseMarks(),
    hooks: any HookRunner = NoHooks(),
    gate: (any Gate)? = nil,
    change: (inout [String: Value]) -> Void = { _ in },
    systems: (Site) throws -> SystemCatalog = { _ in SystemCatalog() }
  ) throws {
    var table = FleetOfModels.site(hosts: count, bots: bots ?? count * 3)
    change(&table)
    site = try Site(decoding: .table(table), sections: [FleetSettings.self])
    let script = try HostScript(driver: "driver_list() { :; }")
    hosts = ModelHosts(site)
    transport = ScriptedTransport { [hosts, clock] request, host async throws(TransportError) in
      try await hosts.answer(request, host, clock)
    }
    dialogue = RecordingDialogue(answers: answers, isInteractive: isInteractive)
    var world = World(
      mode: .live,
      clock: clock,
      now: { Date(timeIntervalSince1970: 1_795_261_502) },
      drawSeed: { 7 },
      transport: transport
    ).offering(site.fleet.offers)
    if let gate {
      var domain = Domain("pretend")
      domain.gates = [gate]
      world = try DomainSet([domain]).guarding(Surroundings(world: world, dialogue: dialogue, options: options)).world
    }
    fleet = try Fleet(
      site: site,
      runtimes: ["process": Runtime(name: "process", script: script)],
      systems: systems(site),
      world: world,
      dialogue: dialogue,
      options: options,
      interruptions: interruptions,
      runs: runs,
      stops: stops,
      releases: releases,
      hooks: hooks
    )
  }

  /// Changes how one host behaves.
  func model(_ host: String, _ change: (inout ModelHost) -> Void) { _ = hosts.change(host, change) }

  /// Keeps this machine from sending these lines to hosts that stand like this; nil mends it.
  func failLocally(_ fault: (@Sendable (ModelHost, String) -> Bool)?) { hosts.failLocally(fault) }

  /// How one host stands.
  func state(_ host: String) -> ModelHost? { hosts[host] }

  /// The request for these arguments.
  func request(_ arguments: DeployArguments) throws -> DeployRequest { try fleet.resolve(arguments, in: site) }

  /// The host script of the fleet's runtime.
  func runtime() throws -> Runtime { try fleet.runtime(of: try host("web001")) }

  func host(_ name: String) throws -> Host {
    guard let host = site.host(named: name) else { throw SelectionError.empty(name) }
    return host
  }

  /// A run in the live or the dry world.
  func run(_ mode: World.Mode = .live) -> Run {
    Run(id: "r0", world: mode == .dry ? fleet.world.dry : fleet.world, holding: HoldsEverything())
  }

  /// The whole of `fleet.deploy` with time that passes by itself.
  func deploy(_ arguments: DeployArguments, yes: Bool = false, dry: Bool = false) async throws -> Value {
    let fleet = fleet
    return try await lettingTimePass(clock) {
      try await fleet.deploy(arguments, assumesYes: yes, dry: dry).value
    }
  }

  /// Does something as a step of a live run with this record, as a new process of the run would.
  func inRun<Answer: Sendable>(
    _ record: MemoryRecord,
    isConfirmed: Bool = true,
    epoch: Int? = nil,
    tolerance: Tolerance = .any,
    _ body: @escaping @Sendable (Fleet) async throws -> Answer
  ) async throws -> Answer {
    let coding = OperationCoding(kinds: Fleet.operationKinds)
    let world = fleet.world
    var context = CallContext()
    context.run = Run(
      id: "r1",
      world: world,
      holding: HoldsEverything(epoch: epoch),
      record: record,
      replay: record.replay,
      coding: coding
    )
    context.isConfirmed = isConfirmed
    context.tolerance = tolerance
    let fleet = fleet
    return try await lettingTimePass(clock) { [context] in
      try await CallContext.$current.withValue(context) { try await body(fleet) }
    }
  }

  /// The failure of a deploy that must not succeed.
  func failure(_ arguments: DeployArguments, yes: Bool = false) async -> CallFailure? {
    do {
      _ = try await deploy(arguments, yes: yes)
      return nil
    } catch {
      return error as? CallFailure
    }
  }

  static let digests = [
    "v1": "sha256:" + String(repeating: "1a", count: 32), "v2": "sha256:" + String(repeating: "2b", count: 32),
  ]

  private static func site(hosts: Int, bots: Int) -> [String: Value] {
    let image = { (name: String) in
      Value.table(["digest": (digests[name] ?? "").value, "source": "registry/\(name).tar.gz".value])
    }
    let width = 3 - "\(hosts)".count
    let last = String(repeating: "0", count: max(0, width)) + "\(hosts)"
    return [
      "name": "lab".value, "runtime": "process".value,
      "hosts": .array([
        .table([
          "name": (hosts == 1 ? "web001" : "web[001-\(last)]").value,
          "address": (hosts == 1 ? "127.0.0.1" : "127.0.0.[1-\(hosts)]").value,
          "bots": (bots == 1 ? "bot1" : "bot[1-\(bots)]").value,
          "groups": .array(["production".value]),
        ]),
        .table([
          "name": "stage01".value, "address": "127.0.1.1".value,
          "bots": (bots < 898 ? "bot[898-900]" : "bot[9898-9900]").value,
          "groups": .array(["staging".value]),
        ]),
      ]),
      "targets": .table(["all": "@production".value, "staging": "@staging".value]),
      "images": .table(["v1": image("v1"), "v2": image("v2")]),
      "default_image": "v2".value,
    ]
  }
}

extension Fleet {
  func control(
    _ verb: ControlBots.Verb,
    _ on: BotSelector,
    grace: Duration,
    check: Bool? = nil,
    dry: Bool
  ) async throws(CallFailure) -> [BotStatus] {
    try await control(ControlRequest(verb, on, grace: grace, check: check), dry: dry)
  }
}
