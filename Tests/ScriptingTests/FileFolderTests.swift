import Drivers
import LuaRuntime
import OpshTesting
import PrimitiveKit
import Scripting
import Testing

import class Foundation.FileManager

/// Where relative paths start, in runs and in recordings.
@Suite(.timeLimit(.minutes(1)))
struct FileFolderTests {
  let scratch: Scratch
  let services = Services().with(Files.self, MachineFiles())

  init() throws { scratch = try Scratch() }

  @Test func `a script and a plugin whose directories have one name keep their own when a run is resumed`() async throws
  {
    let (own, theirs) = ("\(scratch.path)/rocky", "\(scratch.path)/plugins/rocky")
    for folder in [own, theirs] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    try scratch.write("rocky/a.txt", "script")
    try scratch.write("plugins/rocky/a.txt", "plugin")
    let record = MemoryRecord()
    let bench = Bench(services: services)
    for isPluginFirst in [true, false] {
      let engine = try bench.engine()
      let authority = try await engine.authority(named: "rocky", permit: { _, _ in }, modules: [], folder: theirs)
      let source = "return { read = function() return file.read 'a.txt' end }"
      let module = try await engine.load(module: source, name: "=plugin", authority: authority)
      let function = try #require(module["read"]?.function)
      let told = try await CallContext.$current.withValue(bench.context(record, in: own)) {
        if isPluginFirst { #expect(try await engine.call(function, []) == [.string("plugin")]) }
        let code = "for _ = 1, 50 do file.exists 'a.txt' end return file.read 'a.txt'"
        let script = try await engine.run(code, name: "=test", kind: .script)
        return script + (try await engine.call(function, []))
      }
      #expect(told == [.string("script"), .string("plugin")])
    }
    #expect(record.writes == ["keep folder of plugin rocky", "keep folder"], "each is written once")
  }

  @Test func `what lies below home is found in a recording from any directory`() async throws {
    let log = RecordingLog(masks: Masks(salt: "5a17"))
    let code = "return file.exists '~/no-such-file-of-opsh'"
    var context = CallContext(isDryRun: true)
    context.folder = scratch.path
    #expect(
      try await Bench(isDryRun: true, services: services.recorded(in: log)).run(code, in: context) == [.bool(false)]
    )
    context.folder = "/elsewhere"
    let replay = services.replayed(from: ReplayLog(log.reads, masks: log.masks, directory: "rec"))
    #expect(try await Bench(isDryRun: true, services: replay).run(code, in: context) == [.bool(false)])
  }

  @Test func `a recording tells reads with other limits apart`() async throws {
    try scratch.write("a.txt", "one")
    let log = RecordingLog(masks: Masks(salt: "5a17"))
    var context = CallContext(isDryRun: true)
    context.folder = scratch.path
    _ = try await Bench(isDryRun: true, services: services.recorded(in: log)).run(
      "file.read('a.txt', 100)",
      in: context
    )
    let replay = services.replayed(from: ReplayLog(log.reads, masks: log.masks, directory: "rec"))
    let failure = await #expect(throws: CallFailure.self) {
      try await Bench(isDryRun: true, services: replay).run("file.read('a.txt', 2)", in: context)
    }
    #expect(
      failure?.message.hasSuffix("read a.txt: it was recorded with another limit") == true,
      "\(failure?.message ?? "")"
    )
  }

  /// Files whose reads somebody gives up.
  private struct GivenUpFiles: LocalFiles {
    func look(_ path: LocalPath, digest: Bool) async throws(CallFailure) -> FileFacts? { throw .cancelled }
    func read(_ path: LocalPath, limit: Int) async throws(CallFailure) -> FileContent { throw .cancelled }
    func replace(_ file: FileReplacement) async throws(CallFailure) { throw .cancelled }
    func remove(_ path: LocalPath) async throws(CallFailure) { throw .cancelled }
  }

  @Test(arguments: ["file.read '/a'", "file.exists '/a'"])
  func `that a read was given up is no answer in a recording`(code: String) async throws {
    let log = RecordingLog(masks: Masks(salt: "5a17"))
    let given = Services().with(Files.self, GivenUpFiles())
    let bench = Bench(isDryRun: true, services: given.recorded(in: log))
    await #expect(throws: CallFailure.self) { try await bench.run(code, in: CallContext(isDryRun: true)) }
    let replay = given.replayed(from: ReplayLog(log.reads, masks: log.masks, directory: "rec"))
    let failure = await #expect(throws: CallFailure.self) {
      try await Bench(isDryRun: true, services: replay).run(code, in: CallContext(isDryRun: true))
    }
    #expect(failure?.isGivenUp == false && failure?.message.contains("it was not recorded") == true)
  }
}
