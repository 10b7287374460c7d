import Drivers
import Glibc
import OpshTesting
import PrimitiveKit
import Scripting
import Testing

import struct Foundation.FileAttributeKey
import class Foundation.FileManager
import class Foundation.JSONEncoder

@Suite(.timeLimit(.minutes(1)))
struct FileTests {
  let scratch: Scratch
  let services = Services().with(Files.self, MachineFiles())

  init() throws { scratch = try Scratch() }

  /// Runs a script that lies in the directory of the test.
  private func run(_ code: String, isDryRun: Bool = false, with services: Services? = nil) async throws -> [Value] {
    var context = CallContext(isDryRun: isDryRun)
    context.folder = scratch.path
    return try await Bench(isDryRun: isDryRun, services: services ?? self.services).run(code, in: context)
  }

  private func failure(_ code: String) async throws -> CallFailure {
    try await #require(throws: CallFailure.self) { try await run(code) }
  }

  @Test func `a file is read relative to its script`() async throws {
    try scratch.write("a.txt", "one\n\ntwo")
    try scratch.write("empty", "")
    #expect(try await run("return file.read 'a.txt'") == [.string("one\n\ntwo")])
    #expect(try await run("return file.read './a.txt'") == [.string("one\n\ntwo")])
    #expect(try await run("return file.read '\(scratch.path)/a.txt'") == [.string("one\n\ntwo")])
    #expect(try await run("return file.lines 'a.txt'") == [.array([.string("one"), .string(""), .string("two")])])
    #expect(try await run("return file.lines 'empty', file.read 'empty'") == [.array([]), .string("")])
    #expect(
      try await run("return file.exists 'a.txt', file.exists '.', file.exists 'b'") == [
        .bool(true), .bool(true), .bool(false),
      ]
    )
    #expect(try await run("return file.read '/proc/self/status':match 'Name'") == [.string("Name")])
  }

  @Test func `a path says what it names`() async throws {
    try scratch.write("a.txt", "hello", mode: 0o640)
    let code =
      "local s = file.stat 'a.txt' return s.kind, s.bytes, s.mode, time.parse(s.modified) > 0, s.path, s.owner ~= ''"
    #expect(
      try await run(code)
        == [.string("file"), .int(5), .string("0640"), .bool(true), .string("\(scratch.path)/a.txt"), .bool(true)]
    )
    #expect(
      try await run("return file.stat('.').kind, file.stat('/dev/null').kind") == [
        .string("directory"), .string("other"),
      ]
    )
    #expect(try await run("return file.stat 'missing'") == [.null])
  }

  @Test func `what cannot be read says what, where and why`() async throws {
    #expect(mkfifo("\(scratch.path)/pipe", 0o600) == 0)
    try scratch.write("large", String(repeating: "x", count: 2000))
    let missing = try await failure("file.read 'conf/a.txt'")
    #expect(missing.message == "conf/a.txt cannot be read: it does not exist")
    #expect(missing.hint == "it was looked for at \(scratch.path)/conf/a.txt")
    #expect(try await failure("file.read '.'").message == ". cannot be read: it is a directory")
    #expect(try await failure("file.read 'pipe'").message == "pipe cannot be read: it is not a regular file")
    #expect(try await failure("file.read '/dev/zero'").message == "/dev/zero cannot be read: it is not a regular file")
    #expect(
      try await failure("file.read('large', 1000)").message
        == "large is too large to be read: 2000 bytes, at most 1000 are allowed"
    )
    #expect(try await failure("file.read('large', -1)").message.hasPrefix("file.read: 'limit' should be 1 to"))
    #expect(try await failure("file.lines('large', -1)").message.hasPrefix("file.lines: 'limit' should be 1 to"))
    #expect(try await failure("file.read ''").message.contains("should be a path"))
    #expect(try await failure("file.read('a\\0b')").message.contains("should be a path"))
  }

  @Test func `a file is written whole and keeps its mode`() async throws {
    try scratch.write("a.txt", "old", mode: 0o600)
    let written = try await run("return file.write('a.txt', 'new')")
    #expect(written.first?["change"] == .string("replaces 3 bytes, mode 0600 kept"))
    #expect(scratch.text("a.txt") == "new")
    #expect(try scratch.mode("a.txt") == 0o600)
    _ = try await run("file.write{ path = 'b.txt', content = '\\255\\0', mode = '0640' }")
    #expect(try await run("return file.read 'b.txt'") == [.bytes([255, 0])])
    #expect(try scratch.mode("b.txt") == 0o640)
    #expect(scratch.names == ["a.txt", "b.txt"], "no temporary file is left")
  }

  @Test func `a link stays a link, and what it names is replaced`() async throws {
    try scratch.write("real", "old")
    #expect(symlink("real", "\(scratch.path)/link") == 0)
    _ = try await run("file.write('link', 'new')")
    #expect(scratch.text("real") == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(scratch.path)/link") == "real")
  }

  @Test func `what cannot be written says what and why, and stays`() async throws {
    try scratch.write("a.txt", "old")
    #expect(link("\(scratch.path)/a.txt", "\(scratch.path)/b.txt") == 0)
    #expect(symlink("nowhere", "\(scratch.path)/dangling") == 0)
    #expect(mkfifo("\(scratch.path)/pipe", 0o600) == 0)
    #expect(
      try await failure("file.write('a.txt', 'new')").message
        == "a.txt cannot be replaced: it has 2 names (hard links); the others would keep the old content"
    )
    #expect(try await failure("file.write('.', 'new')").message == ". cannot be replaced: it is a directory")
    #expect(
      try await failure("file.write('pipe', 'new')").message
        == "pipe cannot be replaced: it is not a regular file"
    )
    #expect(
      try await failure("file.write('no/a.txt', 'new')").message
        == "no/a.txt cannot be written: its directory does not exist"
    )
    #expect(try await failure("file.write('dangling', 'new')").message == "dangling is a link to nothing")
    #expect(try await failure("file.write('c', 'x', 'rwx')").message.contains("octal permission bits"))
    #expect(scratch.text("a.txt") == "old")
    #expect(scratch.names == ["a.txt", "b.txt", "dangling", "pipe"])
  }

  @Test func `a dry run says what would be written and writes nothing`() async throws {
    try scratch.write("a.txt", "old")
    let bench = Bench(isDryRun: true, services: services)
    let context = bench.context(MemoryRecord(), .dry, in: scratch.path)
    let code = """
      file.write("a.txt", "newer")
      file.write("b.txt", "b")
      return file.read "a.txt", file.exists "b.txt", file.stat("b.txt").bytes, file.lines "b.txt"
      """
    #expect(try await bench.run(code, in: context) == [.string("newer"), .bool(true), .int(1), .array([.string("b")])])
    let operations = try #require(await context.run?.operations)
    #expect(
      operations.map(\.summary)
        == [
          "write 5 bytes to \(scratch.path)/a.txt: replaces 3 bytes, mode 0644 kept",
          "write 1 byte to \(scratch.path)/b.txt: a new file, mode 0644",
        ]
    )
    for line in ["a.txt: replaces 3 bytes, mode 0644 kept (dry run)", "b.txt: a new file, mode 0644 (dry run)"] {
      #expect(bench.dialogue.text.contains(line), "\(bench.dialogue.text)")
    }
    #expect(operations.map(\.state) == [.predicted, .predicted])
    #expect(scratch.text("a.txt") == "old" && scratch.names == ["a.txt"])
    #expect(try await run("return file.write<path='a.txt', content='x', dry_run=true>.bytes") == [.int(1)])
    #expect(scratch.text("a.txt") == "old")
  }

  @Test func `a resumed run writes once, even where it was killed between the write and its record`() async throws {
    try scratch.write("a.txt", "old")
    let record = MemoryRecord()
    let bench = Bench(services: services)
    // The intent is written down, its outcome is not.
    record.fail(after: 3, losing: .before)
    let code = "file.write('a.txt', 'new')"
    await #expect(throws: CallFailure.self) { try await bench.run(code, in: bench.context(record, in: scratch.path)) }
    record.fail(after: nil)
    #expect(scratch.text("a.txt") == "new")
    let inode = try #require(
      try FileManager.default.attributesOfItem(atPath: "\(scratch.path)/a.txt")[.systemFileNumber] as? Int
    )
    let context = bench.context(record, in: "/elsewhere/\(scratch.path.split(separator: "/").last ?? "")")
    _ = try await bench.run(code, in: context)
    #expect(
      try FileManager.default.attributesOfItem(atPath: "\(scratch.path)/a.txt")[.systemFileNumber] as? Int == inode
    )
    #expect(scratch.names == ["a.txt"])
    #expect(await context.run?.operations.map(\.isReversible) == [true])
  }

  @Test func `an undo puts back content and mode, or removes what was new`() async throws {
    try scratch.write("a.txt", "old", mode: 0o640)
    let world = Bench(services: services).world
    for (name, content) in [("a.txt", "new"), ("b.txt", "b")] {
      let path = LocalPath(name, in: scratch.path, absolute: "\(scratch.path)/\(name)")
      let change = WriteFile(
        path,
        content: Array(content.utf8),
        mode: 0o600,
        replacing: try await FileState.now(at: path, in: world)
      )
      let outcome = try await change.perform(in: world)
      #expect(scratch.text(name) == content)
      #expect(try await change.lapse(in: world) == nil)
      let undo = try #require(change.inverse(of: outcome))
      try await perform(undo, in: world)
    }
    #expect(scratch.text("a.txt") == "old" && scratch.names == ["a.txt"])
    #expect(try scratch.mode("a.txt") == 0o640)
  }

  @Test func `an undo leaves a file alone that somebody changed since`() async throws {
    let world = Bench(services: services).world
    let path = LocalPath("a.txt", in: scratch.path, absolute: "\(scratch.path)/a.txt")
    let change = WriteFile(path, content: [65], mode: nil, replacing: .nothing)
    let undo = try #require(change.inverse(of: try await change.perform(in: world)))
    try scratch.write("a.txt", "theirs")
    #expect(try await change.lapse(in: world) == "\(scratch.path)/a.txt was changed since")
    let failure = await #expect(throws: CallFailure.self) { try await perform(undo, in: world) }
    #expect(failure?.message == "a.txt was changed since it was written; it is left as it is")
    let again = await #expect(throws: CallFailure.self) { try await change.perform(in: world) }
    #expect(again?.message == "a.txt was changed since it was looked at; it is left as it is")
    #expect(scratch.text("a.txt") == "theirs")
  }

  private func perform(_ operation: some Operation, in world: World) async throws {
    _ = try await operation.perform(in: world)
  }

  @Test func `the content of a file that only its owner may read is not kept for an undo`() async throws {
    try scratch.write("key", "s3cret", mode: 0o600)
    let path = LocalPath("key", in: scratch.path, absolute: "\(scratch.path)/key")
    let state = try await FileState.now(at: path, in: Bench(services: services).world)
    #expect(!String(decoding: try JSONEncoder().encode(state), as: UTF8.self).contains("czNjcmV0"))
    #expect(
      WriteFile(path, content: [], mode: nil, replacing: state).inverse(of: FileOutcome(digest: nil, mode: nil)) == nil
    )
  }

  @Test func `reads are recorded and replayed without the file, private ones are not`() async throws {
    try scratch.write("a.txt", "one\n")
    try scratch.write("key", "s3cret", mode: 0o600)
    let log = RecordingLog(masks: Masks(salt: "5a17"))
    let code = "return file.read 'a.txt', file.exists 'b', file.stat('a.txt').bytes"
    let told = try await run(code, isDryRun: true, with: services.recorded(in: log))
    #expect(
      try await run("return file.read 'key'", isDryRun: true, with: services.recorded(in: log)) == [.string("s3cret")]
    )
    #expect(log.reads["files"]?["local"]?.count == 3)
    let replay = services.replayed(from: ReplayLog(log.reads, masks: log.masks, directory: "rec"))
    try FileManager.default.removeItem(atPath: "\(scratch.path)/a.txt")
    #expect(try await run(code, isDryRun: true, with: replay) == told)
    let failure = await #expect(throws: CallFailure.self) {
      try await run("return file.read 'key'", isDryRun: true, with: replay)
    }
    #expect(
      failure?.message == "the recording has no answer from local to: read key: it was not recorded; the content of a "
        + "file that only its owner may read never is"
    )
  }
}
