import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Testing

@testable import Fleet

struct CommandAnswerTests {
  /// Calls a primitive as Lua would, with named arguments.
  private func call(_ models: FleetOfModels, _ name: String, _ arguments: [String: Value]) async throws -> Value {
    let catalog = try Catalog(models.fleet.primitives)
    let primitive = try #require(catalog[name])
    return try await lettingTimePass(models.clock) { try await primitive.call([.table(arguments)]) }
  }

  private let date: [String: Value] = ["on": "web001".value, "cmd": "date".value]

  @Test func `in a dry run nobody knows what a command answers`() async throws {
    let models = try FleetOfModels()
    let answer = try await CallContext.$current.withValue(CallContext(isDryRun: true)) {
      try await call(models, "fleet.exec", date)
    }
    #expect(answer.firstUnknown?.origin == "fleet.exec")
    #expect(models.transport.changes == [])
    #expect(models.dialogue.results.last == answer)
  }

  @Test func `where only the call is dry, its answer says that nothing ran`() async throws {
    let models = try FleetOfModels()
    let answer = try await call(models, "fleet.exec", date.merging(["dry_run": true.value]) { $1 })
    guard case .array(let reports) = answer else {
      Issue.record("\(answer)")
      return
    }
    #expect(reports.map { $0["state"] } == ["not run".value] && reports.map { $0["ok"] } == [false.value])
    #expect(models.transport.changes == [])
  }

  @Test func `a safe command is a read: it runs in a dry run and in a check, without a ticket`() async throws {
    let models = try FleetOfModels()
    let safe = date.merging(["safe": true.value]) { $1 }
    for context in [CallContext(isDryRun: true), CallContext(allowed: [.reads], name: "check")] {
      let answer = try await CallContext.$current.withValue(context) { try await call(models, "fleet.exec", safe) }
      #expect(answer.firstUnknown == nil)
      #expect(models.transport.sent.last?.line == "date" && models.transport.sent.last?.effect == .reads)
    }
  }

  @Test func `a command that is not safe is refused where only reads are allowed`() async throws {
    let models = try FleetOfModels()
    let context = CallContext(allowed: [.reads], name: "check")
    for arguments in [date, date.merging(["safe": false.value]) { $1 }] {
      let failure = await #expect(throws: CallFailure.self) {
        try await CallContext.$current.withValue(context) { try await call(models, "fleet.exec", arguments) }
      }
      #expect(failure?.code == "call.effect" && failure?.hint == "with safe=true it only reads")
    }
    #expect(models.transport.sent == [])
  }

  @Test func `a query that is not done in time keeps what came, with the real time and how to end it`() async throws {
    let models = try FleetOfModels()
    models.model("web001") {
      let got = CommandResult(status: nil, output: Array("half".utf8), errorOutput: [], duration: .seconds(7))
      $0.problem = .timedOut(host: "web001", after: .seconds(7), got: got)
    }
    let answer = try await call(models, "fleet.query", date)
    guard case .array(let reports) = answer, let report = reports.first else {
      Issue.record("\(answer)")
      return
    }
    #expect(report["state"] == "timed out".value && report["output"] == "half".value && report["seconds"] == .number(7))
    let said = models.dialogue.said.joined(separator: "\n")
    #expect(said.contains("web001 (1): timed out\n  half"), "\(said)")
    #expect(
      said.contains("hint: `fleet.abort{ on = \"web001\", run = \"query-7\" }` ends what is still running there"),
      "\(said)"
    )
  }

  @Test(arguments: [
    (TransportError.tooLong(host: "web001", bytes: 33_000, limit: 32_000), "not run: the command is too long (33 kB"),
    (.local(host: "web001", reason: "no descriptor", hint: "raise it"), "not run: nothing was sent: no descriptor"),
  ])
  func `a limit of this machine is no host that cannot be reached`(_ error: TransportError, _ words: String)
    async throws
  {
    let models = try FleetOfModels()
    models.model("web001") { $0.problem = error }
    _ = try await call(models, "fleet.query", date)
    let said = models.dialogue.said.joined(separator: "\n")
    #expect(said.contains("web001 (1): \(words)"), "\(said)")
    #expect(!said.contains("1 unreachable"), "\(said)")
  }

  @Test(arguments: [("fleet.query", 32_001), ("fleet.exec", 131_072)])
  func `a line that is too long is refused before any host is asked`(_ name: String, _ length: Int) async throws {
    let models = try FleetOfModels()
    let long = ["on": "web[001-002]".value, "cmd": String(repeating: "x", count: length).value]
    let failure = await #expect(throws: CallFailure.self) { try await call(models, name, long) }
    #expect(failure?.code == "command.too_long" && failure?.hint == CommandLimit.hint)
    #expect(models.transport.sent == [])
  }

  @Test func `bytes that are no text reach the host as they are`() async throws {
    let models = try FleetOfModels()
    _ = try await call(models, "fleet.query", date.merging(["input": .bytes([0xFF, 0, 0x41])]) { $1 })
    #expect(models.transport.sent.last?.input == [0xFF, 0, 0x41])
    let input = Value.bytes([0xFF, 0, 0x41])
    _ = try await call(models, "fleet.exec", ["on": "web001".value, "cmd": "cat".value, "input": input])
    #expect(models.transport.changes.last { !$0.isFile }?.input == Array("cat".utf8) + [0xFF, 0, 0x41])
    let put = ["on": "web001".value, "path": "x".value, "content": Value.bytes([0xFE])]
    _ = try await call(models, "fleet.put", put)
    #expect(models.transport.changes.contains { $0.isFile && $0.input == [0xFE] })
  }

  @Test func `a missing runtime is no host that cannot be reached`() async throws {
    let models = try FleetOfModels(change: { $0["runtime"] = "docker".value })
    let answer = try await call(models, "fleet.status", ["on": "web001".value])
    guard case .array(let bots) = answer else {
      Issue.record("\(answer)")
      return
    }
    #expect(bots.map { $0["state"] } == Array(repeating: "unknown".value, count: 3))
    #expect(bots.first?["note"] == "web001 uses the runtime 'docker', which no plugin provides".value)
    for (name, arguments) in [
      ("fleet.restart", ["on": "web001".value]), ("fleet.deploy", ["target": "all".value]),
    ] {
      let failure = await #expect(throws: CallFailure.self) { try await call(models, name, arguments) }
      #expect(failure?.code == "fleet.unknown_runtime", "\(name): \(String(describing: failure))")
      #expect(failure?.hint?.contains("`plugins()` shows which are loaded and where opsh looks") == true)
    }
    #expect(models.transport.sent == [])
  }
}
