import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Testing

@testable import Fleet

struct ExecOperationTests {
  private func exec(_ models: FleetOfModels, _ record: MemoryRecord, times: Int = 1) async throws -> [CommandReport] {
    let command = try HostCommand("date".value)
    return try await models.inRun(record) { fleet in
      var reports: [CommandReport] = []
      for _ in 0..<times {
        reports += try await fleet.command(
          CommandCall(primitive: "fleet.exec", selector: "web[001-002]", command: command, timeout: .seconds(60))
        )
      }
      return reports
    }
  }

  @Test func `a command is sent with its ticket and answered from the host`() async throws {
    let models = try FleetOfModels()
    let record = MemoryRecord()
    let reports = try await exec(models, record)
    #expect(reports.map(\.output) == [Array("date".utf8), Array("date".utf8)])
    #expect(models.state("web001")?.commands == ["date"])
    let line = try #require(models.transport.changes.last?.line)
    #expect(line.contains("exec --bytes 4 --sha256") && line.contains("--wait 59 --run r1-"))
  }

  @Test func `the same command twice is run twice, and a resumed run runs neither again`() async throws {
    let models = try FleetOfModels()
    let record = MemoryRecord()
    for _ in 0..<2 {
      #expect(try await exec(models, record, times: 2).count == 4)
      #expect(models.state("web001")?.commands == ["date", "date"])
    }
  }

  @Test(arguments: MemoryRecord.Loss.allCases)
  func `a command runs once wherever the process dies`(loss: MemoryRecord.Loss) async throws {
    var point = 0
    while true {
      let models = try FleetOfModels()
      let record = MemoryRecord()
      record.fail(after: point, losing: loss)
      _ = try? await exec(models, record)
      let isWhole = record.writes.count <= point
      record.fail(after: nil)
      #expect(try await exec(models, record).map(\.isOK) == [true, true], "write \(point)")
      #expect(models.state("web001")?.commands == ["date"], "write \(point)")
      #expect(models.state("web002")?.commands == ["date"], "write \(point)")
      if isWhole { break }
      point += 1
    }
    #expect(point >= 8)
  }

  @Test func `a journal that fails is no host's failure`() async throws {
    let models = try FleetOfModels()
    let record = MemoryRecord()
    record.fail(after: 0)
    let failure = await #expect(throws: CallFailure.self) { try await exec(models, record) }
    #expect(failure?.code == "journal.unavailable")
    #expect(models.transport.changes == [])
  }

  @Test func `a lost connection leaves the command in doubt until the host tells`() async throws {
    let models = try FleetOfModels()
    models.model("web001") { $0.losses = 1 }
    let record = MemoryRecord()
    #expect(try await exec(models, record).map(\.state) == ["unknown", "finished"])
    #expect(try await exec(models, record).map(\.state) == ["finished", "finished"])
    #expect(models.state("web001")?.commands == ["date"])
  }

  @Test(arguments: [true, false])
  func `a step that is tried again finds the command it left in doubt`(inOneProcess: Bool) async throws {
    let models = try FleetOfModels()
    models.model("web001") { $0.losses = 1 }
    let record = MemoryRecord()
    let command = try HostCommand("date".value)
    @Sendable func attempt(_ step: String, _ fleet: Fleet) async throws -> [String] {
      var context = CallContext.current
      context.step = step
      let given = context
      return try await CallContext.$current.withValue(given) {
        try await fleet.command(
          CommandCall(primitive: "fleet.exec", selector: "web001", command: command, timeout: .seconds(60))
        ).map(\.state)
      }
    }
    var states: [String] = []
    if inOneProcess {
      states = try await models.inRun(record) { fleet in
        try await attempt("each/web001", fleet) + attempt("each/web001~2", fleet) + attempt("each/web001~3", fleet)
      }
    } else {
      for step in ["outer/each", "outer~2/each", "outer~2/each~2"] {
        states += try await models.inRun(record) { fleet in try await attempt(step, fleet) }
      }
    }
    #expect(states == ["unknown", "finished", "finished"])
    // The third attempt is asked for when nothing is in doubt: that is another command.
    #expect(models.state("web001")?.commands == ["date", "date"])
    #expect(!record.replay.operations.values.contains(.open))
  }

  @Test func `an old lease is told by every change`() async throws {
    let models = try FleetOfModels()
    let command = try HostCommand("date".value)
    _ = try await models.inRun(MemoryRecord(), epoch: 7) { fleet in
      try await fleet.command(
        CommandCall(primitive: "fleet.exec", selector: "web001", command: command, timeout: .seconds(5))
      )
    }
    #expect(models.transport.changes.last?.line.hasSuffix(" --epoch 7") == true)
  }
}
