import Drivers
import Foundation
import LuaRuntime
import OpshTesting
import PrimitiveKit
import Scripting
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ProgramTests {
  let scratch: Scratch
  let services = Services().with(Programs.self, MachinePrograms()).with(Files.self, MachineFiles())

  init() throws { scratch = try Scratch() }

  private func run(_ code: String, isDryRun: Bool = false, with services: Services? = nil) async throws -> [Value] {
    var context = CallContext(isDryRun: isDryRun)
    context.folder = scratch.path
    return try await Bench(isDryRun: isDryRun, services: services ?? self.services).run(code, in: context)
  }

  private func failure(_ code: String, isDryRun: Bool = false) async throws -> CallFailure {
    try await #require(throws: CallFailure.self) { try await run(code, isDryRun: isDryRun) }
  }

  @Test func `a program gets its words as they are, its input, its variables and its directory`() async throws {
    let code = """
      local r = program{ argv = { "sh", "-c", 'printf "%s|" "$0" "$@" "$X" "$PWD"; cat', "a b", "$HOME", "*" },
        effect = "reads", input = "in", env = { X = "x y" } }
      return r.output, r.ok, r.status, r.error_output
      """
    #expect(
      try await run(code) == [.string("a b|$HOME|*|x y|\(scratch.path)|in"), .bool(true), .int(0), .string("")]
    )
    try FileManager.default.createDirectory(atPath: "\(scratch.path)/sub", withIntermediateDirectories: true)
    #expect(
      try await run(#"return program{ argv = { "pwd" }, effect = "reads", cwd = "sub" }.output"#) == [
        .string("\(scratch.path)/sub\n")
      ]
    )
    try scratch.write("tool", "#!/bin/sh\necho \"$1\"\n", mode: 0o755)
    #expect(try await run(#"return program({ "./tool", 5 }, "reads").output"#) == [.string("5\n")])
  }

  @Test func `a program that does not succeed says how it ended`() async throws {
    let failed = try await failure(
      #"program{ argv = { "sh", "-c", "echo one >&2; echo two >&2; exit 3" }, effect = "reads" }"#
    )
    #expect(failed.message == "`sh` exited with status 3: two" && failed.failureClass == .failed)
    #expect(
      try await run(#"return program{ argv = { "false" }, effect = "reads", check = false }.status"#) == [.int(1)]
    )
    #expect(
      try await failure(#"program{ argv = { "sh", "-c", "kill -11 $$" }, effect = "reads" }"#).message
        == "`sh` was ended by signal 11"
    )
    let missing = try await failure(#"program{ argv = { "no-such-program" }, effect = "reads" }"#)
    #expect(missing.message == "`no-such-program` is not installed on this machine")
    #expect(missing.hint?.hasPrefix("no directory of the PATH has it: ") == true)
    #expect(
      try await failure(#"program{ argv = { "./no" }, effect = "reads" }"#).message
        == "`no` does not exist: \(scratch.path)/no"
    )
    try scratch.write("plain", "text")
    #expect(
      try await failure(#"program{ argv = { "./plain" }, effect = "reads" }"#).message
        == "`plain` cannot be run: \(scratch.path)/plain is not an executable file"
    )
    #expect(
      try await failure(#"program{ argv = { "true" }, effect = "reads", cwd = "no" }"#).message
        == "`true` cannot be started in \(scratch.path)/no: there is no such directory"
    )
  }

  @Test(arguments: [
    (#"program{ argv = { "true" } }"#, "program: 'effect' is missing"),
    (#"program{ argv = "ls -l", effect = "reads" }"#, "program: 'argv' should be a list of words"),
    (#"program{ argv = {}, effect = "reads" }"#, "program: 'argv' should be a list of words"),
    (
      #"program{ argv = { "true" }, effect = "trades" }"#,
      #"program: 'effect' should be "reads" or "changes", got "trades""#
    ),
    (#"program{ argv = { "true" }, effect = "reads", env = { ["A=B"] = "" } }"#, "names of variables without ="),
    (#"program{ argv = { "true" }, effect = "reads", limit = 0 }"#, "program: 'limit' should be 1 to"),
    (#"program{ argv = { "a\0b" }, effect = "reads" }"#, "a list of texts without NUL bytes"),
  ])
  func `a wrong argument is named`(code: String, message: String) async throws {
    #expect(try await failure(code).message.contains(message))
  }

  @Test func `a program that hangs is ended with what it started`() async throws {
    let code = """
      program{ argv = { "sh", "-c", "sleep 1000 & echo $! > pid; trap '' TERM; wait; sleep 1000" }, effect = "%@", timeout = 0.3 }
      """
    let failed = try await failure(code.replacing("%@", with: "reads"))
    #expect(failed.message == "`sh` did not finish within 0.3 s and was stopped")
    #expect(failed.failureClass == .failed && failed.mark == .timedOut)
    let pid = try #require(Int32((scratch.text("pid") ?? "").trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(!FileManager.default.fileExists(atPath: "/proc/\(pid)") || isOver(pid))
    let change = try await failure(code.replacing("%@", with: "changes"))
    #expect(
      change.message.contains("did not finish within 0.3 s and was stopped; what it had changed by then stays changed")
    )
    #expect(change.leavesUnknown)
  }

  /// Whether a process has ended and only waits to be collected.
  private func isOver(_ pid: Int32) -> Bool {
    (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8))?.contains(") Z ") ?? true
  }

  @Test func `a program that prints a gigabyte is stopped at the limit`() async throws {
    let failed = try await failure(#"program{ argv = { "head", "-c", "1073741824", "/dev/zero" }, effect = "reads" }"#)
    #expect(failed.message == "`head` printed more than 1048576 bytes and was stopped")
    #expect(failed.hint == "pass a higher `limit`, or let it print less")
    let all =
      #"return #program{ argv = { "head", "-c", "2000000", "/dev/zero" }, effect = "reads", limit = 2000000 }.output"#
    #expect(try await run(all) == [.int(2_000_000)])
  }

  @Test func `Ctrl-C ends a program and what it started`() async throws {
    let engine = try Bench(services: services).engine()
    let path = scratch.path
    let work = Task {
      var context = CallContext()
      context.folder = path
      return try await CallContext.$current.withValue(context) {
        try await engine.run(
          #"program{ argv = { "sh", "-c", "sleep 1000 & echo $! > pid; wait" }, effect = "reads", timeout = 600 }"#,
          name: "=test",
          kind: .script
        )
      }
    }
    while scratch.text("pid")?.hasSuffix("\n") != true { await Task.yield() }
    let pid = try #require(Int32((scratch.text("pid") ?? "").trimmingCharacters(in: .whitespacesAndNewlines)))
    engine.cancel()
    let failure = await #expect(throws: CallFailure.self) { try await work.value }
    #expect(failure?.isStop == true && failure?.message == "`sh` was stopped by the operator")
    #expect(!FileManager.default.fileExists(atPath: "/proc/\(pid)") || isOver(pid))
  }

  @Test func `a dry run runs what reads, and plans what changes`() async throws {
    let bench = Bench(isDryRun: true, services: services)
    let context = bench.context(MemoryRecord(), .dry, in: scratch.path)
    let code = """
      local before = program{ argv = { "echo", "hi" }, effect = "reads" }.output
      local change = program{ argv = { "touch", "made" }, effect = "changes" }
      local after = program{ argv = { "echo", "hi" }, effect = "reads" }
      return before, is_unknown(change.ok), is_unknown(after), is_unknown(file.read "made")
      """
    #expect(try await bench.run(code, in: context) == [.string("hi\n"), .bool(true), .bool(true), .bool(true)])
    let operations = try #require(await context.run?.operations)
    #expect(operations.map(\.summary) == ["run touch made on this machine"])
    #expect(operations.map(\.state) == [.unpredictable("the effect of a program is not known until it has run")])
    #expect(scratch.names == [])
  }

  @Test func `the effect that is declared is the one that is asked for`() async throws {
    var context = CallContext(allowed: [.reads], name: "check")
    context.folder = scratch.path
    let bench = Bench(services: services)
    #expect(
      try await bench.run(#"return program{ argv = { "true" }, effect = "reads" }.ok"#, in: context) == [.bool(true)]
    )
    let failure = await #expect(throws: CallFailure.self) {
      try await bench.run(#"program{ argv = { "true" }, effect = "changes" }"#, in: context)
    }
    #expect(failure?.message == "program has the effect 'changes', but check allows only 'reads'")
    #expect(failure?.hint == #"with effect="reads" it only reads"#)
  }

  @Test func `a program that changes runs once in a run, and its variables and input are in no record`() async throws {
    let record = MemoryRecord()
    let bench = Bench(services: services)
    let code = """
      return program{ argv = { "sh", "-c", "cat >> made; echo $TOKEN >> made" }, effect = "changes",
        env = { TOKEN = "s3cret" }, input = "t0ken " }.ok
      """
    for _ in 0..<2 { #expect(try await bench.run(code, in: bench.context(record, in: scratch.path)) == [.bool(true)]) }
    #expect(scratch.text("made") == "t0ken s3cret\n")
    #expect(record.intents.count == 1)
    let kept = "\(record.intents) \(record.ends) \(record.replay)"
    for secret in ["s3cret", "t0ken "] {
      let forms = [secret, Data(secret.utf8).base64EncodedString(), SHA256(hashing: secret.utf8).hex]
      #expect(forms.allSatisfy { !kept.contains($0) })
    }
    let coding = OperationCoding()
    let read = try coding.decode(RunProgram.self, from: try #require(record.intents.first).text)
    let failure = await #expect(throws: CallFailure.self) { try await read.perform(in: bench.world) }
    #expect(failure?.message == "`sh` cannot be run again: its input and variables are not in the journal")
  }

  @Test func `a program whose end is not on record is not run again`() async throws {
    let record = MemoryRecord()
    let bench = Bench(services: services)
    record.fail(after: 2, losing: .before)
    let code = #"program{ argv = { "sh", "-c", "echo x >> made" }, effect = "changes" }"#
    await #expect(throws: CallFailure.self) { try await bench.run(code, in: bench.context(record, in: scratch.path)) }
    record.fail(after: nil)
    let failure = await #expect(throws: CallFailure.self) {
      try await bench.run(code, in: bench.context(record, in: scratch.path))
    }
    #expect(failure?.leavesUnknown == true)
    #expect(scratch.text("made") == "x\n")
  }

  @Test func `reads are recorded and replayed without the program`() async throws {
    try scratch.write("tool", "#!/bin/sh\necho \"$X\"; exit 2\n", mode: 0o755)
    let log = RecordingLog(masks: Masks(salt: "5a17"))
    let code = """
      local r = program{ argv = { "./tool" }, effect = "reads", env = { X = "1" }, check = false }
      local ok, problem = pcall(program, { argv = { "no-such-program" }, effect = "reads" })
      return r.output, r.status, problem.message
      """
    let told = try await run(code, isDryRun: true, with: services.recorded(in: log))
    #expect(told == [.string("1\n"), .int(2), .string("`no-such-program` is not installed on this machine")])
    try FileManager.default.removeItem(atPath: "\(scratch.path)/tool")
    let replay = services.replayed(from: ReplayLog(log.reads, masks: log.masks, directory: "rec"))
    #expect(try await run(code, isDryRun: true, with: replay) == told)
    let failure = await #expect(throws: CallFailure.self) {
      try await run(code.replacing("\"1\"", with: "\"2\""), isDryRun: true, with: replay)
    }
    #expect(failure?.message == "the recording has no answer from tool to: ./tool: it was recorded with another env")
  }

  @Test func `a recording tells the directories apart that a program ran in`() async throws {
    for name in ["a", "b"] {
      try FileManager.default.createDirectory(atPath: "\(scratch.path)/\(name)", withIntermediateDirectories: true)
      try scratch.write("\(name)/v", name)
    }
    func code(_ folder: String) -> String {
      "return program{ argv = { 'cat', 'v' }, effect = 'reads', cwd = '\(folder)' }.output"
    }
    let log = RecordingLog(masks: Masks(salt: "5a17"))
    for name in ["a", "b"] {
      #expect(try await run(code(name), isDryRun: true, with: services.recorded(in: log)) == [.string(name)])
    }
    let replay = services.replayed(from: ReplayLog(log.reads, masks: log.masks, directory: "rec"))
    for name in ["b", "a"] { #expect(try await run(code(name), isDryRun: true, with: replay) == [.string(name)]) }
    let failure = await #expect(throws: CallFailure.self) { try await run(code("c"), isDryRun: true, with: replay) }
    #expect(failure?.message.hasSuffix("cat v: it was recorded with another cwd") == true)
  }
}
