import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Testing

@testable import Fleet

/// What a file holds and what a command is given stay out of plans and journals, secret or not.
struct SealedContentTests {
  private func call(_ models: FleetOfModels, _ record: MemoryRecord, _ name: String, _ arguments: [String: Value])
    async throws -> Value
  {
    let primitive = try #require(try Catalog(models.fleet.primitives)[name])
    return try await models.inRun(record) { _ in try await primitive.call([.table(arguments)]) }
  }

  private func written(_ record: MemoryRecord) -> String {
    record.intents.map { "\($0)" }.joined() + record.ends.map { "\($0)" }.joined()
      + record.replay.reads.map { "\($0)" }.joined()
  }

  @Test(arguments: ["0600", "0644", nil])
  func `the content of a file is not in the journal`(mode: String?) async throws {
    let models = try FleetOfModels()
    let record = MemoryRecord()
    let put = ["on": "web001".value, "path": "x".value, "content": "swordfish-text".value, "mode": mode.value]
    _ = try? await call(models, record, "fleet.put", put)
    #expect(models.transport.changes.contains { $0.isFile && $0.input == Array("swordfish-text".utf8) })
    let text = written(record)
    #expect(text.contains("host.put") && !text.contains("swordfish-text") && !text.contains("c3dvcmRmaXNo"))
    // Of what only its owner may read not even a digest that can be guessed.
    let digest = SHA256(hashing: "swordfish-text".utf8).hex
    #expect(text.contains(digest) == (mode != "0600") && text.contains("hmac:") == (mode == "0600"), "\(text)")
  }

  @Test func `the input and the variables of a command are not in the journal, and reach the host`() async throws {
    let models = try FleetOfModels()
    let record = MemoryRecord()
    let plain = ["on": "web001".value, "cmd": "cat".value, "input": "swordfish-text".value]
    let answer = try await call(models, record, "fleet.exec", plain)
    #expect("\(answer)".contains("swordfish-text"))
    let env = ["on": "web001".value, "cmd": "env".value, "env": Value.table(["KEY": "haddock's".value])]
    let said = try await call(models, record, "fleet.exec", env)
    #expect("\(said)".contains("export KEY=") && "\(said)".contains("haddock"), "\(said)")
    let intents = record.intents.map { "\($0)" }.joined()
    #expect(intents.contains("host.exec") && intents.contains("hmac:") && intents.contains("KEY"))
    #expect(!intents.contains("swordfish-text") && !intents.contains("haddock"), "\(intents)")
    let line = try #require(models.transport.changes.last?.line)
    #expect(
      line.contains("exec --private --limit") && !line.contains("--sha256") && !line.contains("--bytes"),
      "\(line)"
    )
  }

  @Test func `two commands that differ in their input alone are two`() async throws {
    let models = try FleetOfModels()
    let record = MemoryRecord()
    for _ in 0..<2 {
      for input in ["one", "two"] {
        let exec = ["on": "web001".value, "cmd": "cat".value, "input": input.value]
        _ = try await call(models, record, "fleet.exec", exec)
      }
    }
    #expect(models.state("web001")?.commands == ["cat", "cat"])
  }

  @Test func `a journal of an earlier version still has its contents`() throws {
    let models = try FleetOfModels()
    let host = try models.host("web001").hostAddress
    let coding = OperationCoding(kinds: Fleet.operationKinds)
    let address = try coding.encode(host)
    let runtime = try coding.encode(try models.runtime())
    let put = #"{"encoded":"=c3dvcmRmaXNo","host":\#(address),"mode":384,"path":"x"}"#
    let old = try coding.decode(PutFile.self, from: put)
    #expect(old.digest == SHA256(hashing: "swordfish".utf8).hex && old.summary.contains("put 9 bytes at x"))
    let exec = #"{"command":"=cat","given":"=in","host":\#(address),"runtime":\#(runtime),"timeout":5}"#
    #expect(try coding.decode(ExecuteCommand.self, from: exec).line == "cat")
    #expect(try coding.encode(try coding.decode(ExecuteCommand.self, from: exec)) == exec)
  }
}
