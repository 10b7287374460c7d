import Drivers
import Foundation
import OpshTesting
import PrimitiveKit
import Testing

struct ReadSourceTests {
  let directory = NSTemporaryDirectory() + "opsh-source-\(UUID().uuidString)"
  let hosts = ScriptedTransport { _, host in .ended(0, host.name) }
  let web = HostAddress(name: "web1", address: "web1", port: 22, user: "me", kind: .ssh)
  let read = CommandRequest(line: "uptime", timeout: nil, effect: .reads)

  func source(
    record: String? = nil,
    replay: String? = nil,
    isDryRun: Bool = true,
    keepsValues: Bool = false
  ) throws -> ReadSource {
    try ReadSource(
      record: record,
      replay: replay,
      isDryRun: isDryRun,
      site: "lab",
      opsh: "0.1.0",
      now: { Date(timeIntervalSince1970: record == nil ? 2_000_000_000 : 1_800_000_000) },
      keepsValues: keepsValues,
      services: Services().with(Hosts.self, hosts)
    )
  }

  func world(_ source: ReadSource) -> World {
    World(mode: .live, clock: ContinuousClock(), now: source.now, drawSeed: { 0 }, services: source.services)
  }

  @Test func `a session is recorded, and another one replays it at the same time`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let recording = try source(record: directory)
    _ = try await world(recording).service(Hosts.self).execute(read, on: web)
    #expect(try recording.finish()?.hasPrefix("recorded 1 reads of 1 hosts: \(directory);") == true)
    // A dry run that failed before its first read takes nothing away.
    #expect(try source(record: directory).finish()?.hasPrefix("nothing was read") == true)
    let replay = try source(replay: directory)
    #expect(replay.now() == Date(timeIntervalSince1970: 1_800_000_000))
    #expect(try await world(replay).service(Hosts.self).execute(read, on: web).output == Array("web1".utf8))
    #expect(hosts.sent.count == 1)
    #expect(try replay.finish() == nil)
    _ = try? await world(replay).service(Hosts.self).execute(
      CommandRequest(line: "date", timeout: nil, effect: .reads),
      on: web
    )
    #expect(#expect(throws: CallFailure.self) { try replay.finish() }?.code == "recording.missing")
  }

  @Test func `a plain session reaches its hosts`() async throws {
    let source = try source(isDryRun: false)
    _ = try await world(source).service(Hosts.self).execute(read, on: web)
    #expect(hosts.sent.count == 1)
    #expect(try source.finish() == nil)
  }

  @Test func `recordings are for dry runs, one kind at a time`() {
    for (record, replay, isDryRun) in [("a", nil, false), (nil, "a", false), ("a", "b", true)]
      as [(String?, String?, Bool)]
    {
      let failure = #expect(throws: CallFailure.self) { try source(record: record, replay: replay, isDryRun: isDryRun) }
      #expect(failure?.code == "usage.option")
    }
    let alone = #expect(throws: CallFailure.self) { try source(isDryRun: true, keepsValues: true) }
    #expect(alone?.message == "--record-values needs --record")
    #expect(#expect(throws: CallFailure.self) { try source(replay: "/no/such") }?.code == "recording.unreadable")
    #expect(#expect(throws: CallFailure.self) { try source(record: "/proc/no") }?.code == "recording.unwritable")
  }
}
