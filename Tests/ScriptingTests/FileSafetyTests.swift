import Drivers
import Glibc
import OpshTesting
import PrimitiveKit
import Scripting
import Testing

import struct Foundation.Data

/// What writes leave behind where something comes between, and what records hold of secrets.
@Suite(.timeLimit(.minutes(1)))
struct FileSafetyTests {
  let scratch: Scratch
  let services = Services().with(Files.self, MachineFiles())

  init() throws { scratch = try Scratch() }

  @Test func `the content of a file that only its owner may read is in no record`() async throws {
    let record = MemoryRecord()
    let bench = Bench(services: services)
    let code = "file.write{ path = 'key', content = 's3cret', mode = '0600' } file.write('key', 't0ken')"
    for _ in 0..<2 { _ = try await bench.run(code, in: bench.context(record, in: scratch.path)) }
    #expect(scratch.text("key") == "t0ken" && record.intents.count == 2)
    let kept = "\(record.intents) \(record.ends) \(record.replay)"
    for secret in ["s3cret", "t0ken"] {
      #expect(!kept.contains(secret) && !kept.contains(Data(secret.utf8).base64EncodedString()))
      #expect(kept.contains(SHA256(hashing: secret.utf8).hex))
    }
  }

  @Test func `a new private file is removed by an undo, and what a journal holds of it writes none`() async throws {
    let world = Bench(services: services).world
    let path = LocalPath("key", in: scratch.path, absolute: "\(scratch.path)/key")
    let change = WriteFile(path, content: [65], mode: 0o600, replacing: .nothing)
    let coding = OperationCoding()
    let read = try coding.decode(WriteFile.self, from: try coding.encode(change))
    #expect(try coding.encode(read) == coding.encode(change))
    let failure = await #expect(throws: CallFailure.self) { try await read.perform(in: world) }
    #expect(
      failure?.message == "key cannot be written again: the journal holds no content that only its owner may read"
    )
    let undo = try #require(change.inverse(of: try await change.perform(in: world)))
    #expect(scratch.names == ["key"])
    if case .done = try await read.probe(in: world) {} else { Issue.record("what was written is not found") }
    try await perform(undo, in: world)
    #expect(scratch.names == [])
  }

  private func perform(_ operation: some Operation, in world: World) async throws {
    _ = try await operation.perform(in: world)
  }

  @Test func `a public file comes back from a journal with its content`() throws {
    let path = LocalPath("a", in: "/", absolute: "/a")
    let coding = OperationCoding()
    let change = WriteFile(path, content: [0, 255], mode: nil, replacing: .nothing)
    let read = try coding.decode(WriteFile.self, from: try coding.encode(change))
    #expect(read.summary == change.summary && read.inverse(of: FileOutcome(digest: nil, mode: nil)) != nil)
    #expect(try coding.encode(read) == coding.encode(change))
    #expect(try coding.encode(change).contains("AP8="))
  }

  @Test func `a file that somebody made meanwhile is not replaced`() async throws {
    try scratch.write("a.txt", "theirs")
    let path = LocalPath("a.txt", in: scratch.path, absolute: "\(scratch.path)/a.txt")
    let file = FileReplacement(path: path, content: [65], mode: nil, token: "t", isNew: true)
    let failure = await #expect(throws: CallFailure.self) { try await MachineFiles().replace(file) }
    #expect(failure?.message == "a.txt was made by somebody else since it was looked at; it is left as it is")
    #expect(scratch.text("a.txt") == "theirs" && scratch.names == ["a.txt"])
  }

  @Test func `whether a write lasts is unknown while its directory cannot be synced`() async throws {
    let record = MemoryRecord()
    let broken = MachineFiles(syncFolder: { _ in
      errno = EIO
      return -1
    })
    let failing = Bench(services: Services().with(Files.self, broken))
    let code = "file.write('a.txt', 'new')"
    let failure = await #expect(throws: CallFailure.self) {
      try await failing.run(code, in: failing.context(record, in: scratch.path))
    }
    #expect(failure?.message.hasPrefix("a.txt is in place, and its directory cannot be synced") == true)
    #expect(failure?.leavesUnknown == true && scratch.text("a.txt") == "new")
    let bench = Bench(services: services)
    let context = bench.context(record, in: scratch.path)
    _ = try await bench.run(code, in: context)
    #expect(record.intents.count == 1)
    #expect(await context.run?.operations.map(\.isReversible) == [true])
  }

  @Test func `a plan from a recording says what it does not know of a private file`() async throws {
    try scratch.write("key", "s3cret", mode: 0o600)
    let log = RecordingLog(masks: Masks(salt: "5a17"))
    for services in [services.recorded(in: log), nil] {
      let replay = self.services.replayed(from: ReplayLog(log.reads, masks: log.masks, directory: "rec"))
      let bench = Bench(isDryRun: true, services: services ?? replay)
      _ = try await bench.run("file.write('key', 'x')", in: bench.context(MemoryRecord(), .dry, in: scratch.path))
      let what = services == nil ? "replaces 6 bytes, which the recording does not hold," : "replaces 6 bytes,"
      #expect(bench.dialogue.text.contains("key: \(what) mode 0600 kept (dry run)"), "\(bench.dialogue.text)")
    }
  }
}
