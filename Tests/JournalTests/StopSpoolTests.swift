import Foundation
import JournalSQLite
import PrimitiveKit
import Testing

@testable import Journal

struct StopSpoolTests {
  private let folder = NSTemporaryDirectory() + "opsh-spool-\(UUID().uuidString)"
  private var spool: StopSpool { StopSpool(folder: "\(folder)/lab.stops") }

  private func opened(_ identity: ProcessIdentity = .current(version: "test", digest: "")) async throws -> Journal {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return try await Journal.open(try await SQLiteDatabase.open("\(folder)/journal"), identity: identity)
  }

  private func call(_ id: String = "20261121-114502-6ca32b16", isOver: Bool = true) -> SpooledCall {
    let arguments = Value.table(["on": .string("*")])
    let request = RunRequest(name: "fleet.stop", arguments: arguments, scopes: [], hosts: ["web1", "web2"])
    // Somebody else's, of another process that is gone.
    var identity = ProcessIdentity.current(version: "test", digest: "")
    (identity.operatorName, identity.pid, identity.startTicks) = ("alice", 1_999_999, 7)
    var call = SpooledCall(request, id: id, identity: identity, startedAt: 1000)
    call.work = [
      SpooledCall.Work(intent: .of("one"), end: .done(outcome: "[]", inverse: nil, isAdopted: false)),
      SpooledCall.Work(
        intent: .of("two"),
        end: .failed(CallFailure(.unavailable, code: "host.unreachable", message: "no"))
      ),
    ]
    call.texts = [SHA256(hashing: "script".utf8).hex: "script"]
    if isOver {
      call.endedAt = 2000
      call.state = .failed
      call.exitCode = 1
    }
    return call
  }

  @Test func `a call becomes a run with its operations, and the audit holds`() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let journal = try await opened()
    try spool.save(call())
    #expect(try await journal.drain(spool).count == 1)
    #expect(spool.calls().calls.isEmpty)
    let run = try await journal.run("20261121-114502-6ca32b16")
    #expect(run.identity.operatorName == "alice" && run.state == .failed && run.exitCode == 1 && run.startedAt == 1000)
    #expect(try await journal.operations(of: run.id).map(\.state) == [.done, .failed])
    #expect(try await journal.text(SHA256(hashing: "script".utf8).hex) == "script")
    let report = try await journal.verify()
    #expect(report.problems.isEmpty, "\(report.problems)")
  }

  @Test func `a crash between the journal and the file costs nothing and counts once`() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let journal = try await opened()
    try spool.save(call())
    #expect(try await journal.adopt(call()))
    // Killed here: the file is still there.
    let later = try await opened()
    #expect(try await later.drain(spool).isEmpty)
    #expect(spool.calls().calls.isEmpty)
    #expect(try await later.runs().count == 1)
    #expect(try await later.timeline(of: call().id).count { $0.event == "run.begin" } == 1)
  }

  @Test func `two that drain at once take each call once`() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let journals = [try await opened(), try await opened()]
    for number in 0..<20 { try spool.save(call("20261121-114502-000000\(10 + number)")) }
    let spool = spool
    let taken = try await withThrowingTaskGroup(of: Int.self) { group in
      for journal in journals { group.addTask { try await journal.drain(spool).count } }
      return try await group.reduce(0, +)
    }
    #expect(taken == 20)
    #expect(try await journals[0].runs().count == 20)
    #expect(try await journals[0].verify().problems.isEmpty)
    #expect(spool.calls().calls.isEmpty)
  }

  @Test func `what a living process has not ended is left to it`() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let identity = ProcessIdentity.current(version: "test", digest: "")
    let journal = try await opened(identity)
    let request = RunRequest(name: "fleet.stop", arguments: .table([:]), scopes: [], hosts: [])
    try spool.save(SpooledCall(request, id: "20261121-114502-0000000a", identity: identity, startedAt: 1))
    #expect(try await journal.drain(spool).isEmpty)
    #expect(spool.calls().calls.count == 1)
  }

  @Test func `what a process left half done has an unknown end`() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let journal = try await opened()
    try spool.save(call(isOver: false))
    #expect(try await journal.drain(spool).count == 1)
    #expect(try await journal.run(call().id).state == .unknown)
  }

  // Killed between two hosts: what was done to the first is known, and the second was begun.
  @Test func `what was done to each host is known although the call was killed`() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let journal = try await opened()
    var killed = call(isOver: false)
    (killed.work, killed.texts) = ([], [:])
    try spool.save(killed)
    let text = "script"
    let (id, hash) = (killed.id, SHA256(hashing: text.utf8).hex)
    try spool.append([.begun(.of("one"), texts: [hash: text]), .begun(.of("two"), texts: [:])], of: id)
    try spool.append([.ended(key: "one", .done(outcome: "[]", inverse: nil, isAdopted: false))], of: id)
    // The power went in the middle of a line.
    let file = try FileHandle(forWritingTo: URL(filePath: "\(spool.folder)/\(id).lines"))
    try file.seekToEnd()
    try file.write(contentsOf: Data(#"{"ended":{"key":"tw"#.utf8))
    try file.close()
    #expect(try await journal.drain(spool).map(\.id) == [id])
    #expect(try await journal.operations(of: id).map(\.state) == [.done, .open])
    #expect(try await journal.unresolved(run: id).map(\.key) == ["two"])
    #expect(try await journal.text(hash) == text)
    #expect(try FileManager.default.contentsOfDirectory(atPath: spool.folder).isEmpty)
  }

  @Test func `lines are written beside the work, and nothing is left of them at the end`() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var call = call(isOver: false)
    (call.work, call.texts) = ([], [:])
    let (spool, started) = (spool, call)
    let lines = SpoolLines(
      spool,
      of: call.id,
      after: Task {
        try? spool.save(started)
        return nil
      }
    )
    for number in 0..<50 { lines.add(.begun(.of("\(number)"), texts: [:])) }
    while spool.calls().calls.first?.work.count != 50 { await Task.yield() }
    await lines.close()
    lines.add(.begun(.of("late"), texts: [:]))
    call.endedAt = 2000
    try spool.save(call)
    #expect(try FileManager.default.contentsOfDirectory(atPath: spool.folder) == ["\(call.id).json"])
    #expect(spool.calls().calls.first?.work.isEmpty == true, "the whole file says all")
  }

  @Test func `a file that cannot be read is named and kept`() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let journal = try await opened()
    try spool.save(call())
    try Data("{".utf8).write(to: URL(fileURLWithPath: spool.path(of: "20261121-114502-0000000b")))
    #expect(spool.calls().damaged == [spool.path(of: "20261121-114502-0000000b")])
    #expect(try await journal.drain(spool).count == 1)
    #expect(spool.calls().damaged.count == 1)
  }

  @Test(.enabled(if: getuid() == 0)) func `a spool that cannot be written says so`() throws {
    let spool = StopSpool(folder: "/proc/nowhere/stops")
    let failure = #expect(throws: CallFailure.self) { try spool.save(call()) }
    #expect(failure?.code == "journal.spool")
  }
}
