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
}
