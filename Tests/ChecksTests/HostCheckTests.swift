import Foundation
import OpshTesting
import PrimitiveKit
import Site
import Synchronization
import Testing

@testable import Checks

/// The checks of hosts read what hosts say, and what they do not say is UNKNOWN.
struct HostCheckTests {
  private func stand(
    hosts: [String] = ["web1", "web2"],
    _ answer: @escaping ScriptedTransport.Answer
  ) throws -> Stand {
    var stand = Stand(HostChecks.all, hosts: ScriptedTransport(answer))
    stand.surroundings.site = try testSite(hosts)
    return stand
  }

  private func lines(_ name: String, _ output: CommandResult) async throws -> [String] {
    let stand = try self.stand(hosts: ["web1"]) { _, _ throws(TransportError) in output }
    let checks = try stand.surroundings.checkList.selected(by: [name])
    return try await CheckRunner(stand.surroundings).findings(of: checks).map(\.line)
  }

  @Test(arguments: [
    (
      "host.disk", "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 100 81 19 81% /\n",
      "WARN: 81 %"
    ),
    ("host.disk", "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 100 96 4 96% /\n", "BAD: 96 %"),
    ("host.disk", "Filesystem 1024-blocks Used Available Capacity Mounted on\n", "UNKNOWN: the file system"),
    ("host.inodes", "Filesystem Inodes IUsed IFree IUse% Mounted on\noverlay 0 0 0 - /\n", "UNKNOWN: the file system"),
    ("host.clock", "1000\n", "OK: 0 s"), ("host.clock", "1002\n", "OK: 2 s"), ("host.clock", "1003\n", "WARN: 3 s"),
    ("host.clock", "997\n", "OK: 2 s"), ("host.clock", "996\n", "WARN: 3 s"), ("host.clock", "900\n", "BAD: 99 s"),
    ("host.clock", "+%s\n", "UNKNOWN: its clock reads '+%s'"), ("host.clock", "", "UNKNOWN: its clock reads ''"),
    ("host.clock", "1000 1000\n", "UNKNOWN: its clock reads"),
    ("host.load", "9.00 3.00 1.00 1/99 4242\n2\n", "WARN: 1.5 per CPU"),
    ("host.load", "9.00 2.98 1.00 1/99 4242\n2\n", "OK: 1.49 per CPU"),
    ("host.load", "9.00 8.00 1.00 1/99 4242\n2\n", "BAD: 4 per CPU"),
    ("host.load", "9.00 3.00 1.00 1/99 4242\n0\n", "UNKNOWN: its load reads"),
    ("host.load", "2\n", "UNKNOWN: its load"),
  ])
  func `what a host says is read and judged`(name: String, output: String, found: String) async throws {
    let lines = try await lines(name, .ended(0, output))
    let (level, words) = (found.prefix { $0 != ":" }, found.drop { $0 != ":" })
    #expect(lines.count == 1)
    #expect(lines.first?.hasPrefix("\(level) \(name) web1\(words)") == true, "\(lines)")
  }

  @Test func `a command that fails, is killed or says too much is UNKNOWN`() async throws {
    #expect(
      try await lines("host.clock", .ended(127, "1000\n", error: "sh: date: not found\n")) == [
        "UNKNOWN host.clock web1: the command exited with status 127: sh: date: not found"
      ]
    )
    let killed = CommandResult(status: nil, signal: "KILL", output: Array("1000\n".utf8))
    #expect(try await lines("host.clock", killed) == ["UNKNOWN host.clock web1: the command was ended by signal KILL"])
    let long = CommandResult(status: 0, output: Array("1000\n".utf8), dropped: 1)
    #expect(try await lines("host.clock", long) == ["UNKNOWN host.clock web1: the answer is too long to be read whole"])
  }

  @Test func `a host that does not answer is UNKNOWN, and the others are judged`() async throws {
    let stand = try self.stand { _, host throws(TransportError) in
      if host.name == "web2" { throw .unreachable(host: "web2", reason: "connection refused", hint: nil) }
      return .ended(0, "1000\n")
    }
    let checks = try stand.surroundings.checkList.selected(by: ["host.clock"])
    #expect(
      try await CheckRunner(stand.surroundings).findings(of: checks).map(\.line) == [
        "UNKNOWN host.clock web2: web2 cannot be reached: connection refused",
        "OK host.clock web1: 0 s; OK is at most 2",
      ]
    )
  }

  /// What the clock of a host is found to be that answers so many seconds late, one after the other, `off` seconds ahead.
  private func clock(off: Double, after delays: [Double]) async throws -> (line: String?, count: Int) {
    let time = Mutex((now: 1000.0, count: 0))
    let transport = ScriptedTransport { _, _ throws(TransportError) in
      time.withLock { time in
        time.now += delays[min(time.count, delays.count - 1)]
        time.count += 1
        return .ended(0, "\(Int(time.now + off))\n")
      }
    }
    var stand = Stand(HostChecks.all, hosts: transport, now: { Date(timeIntervalSince1970: time.withLock { $0.now }) })
    stand.surroundings.site = try testSite(["web1"])
    let checks = try stand.surroundings.checkList.selected(by: ["host.clock"])
    let findings = try await CheckRunner(stand.surroundings).findings(of: checks)
    return (findings.first?.line, time.withLock { $0.count })
  }

  // A clock 7 s off was OK where the host took 8 s to say so.
  @Test(arguments: [-7.0, 0, 1])
  func `a clock that was read too slowly to judge it is UNKNOWN`(off: Double) async throws {
    let (line, count) = try await clock(off: off, after: [8])
    #expect(count == 3)
    #expect(line?.hasPrefix("UNKNOWN host.clock web1: it is anywhere from ") == true, "\(line ?? "")")
  }

  @Test func `what a check asks a host ends there when its time is up`() async throws {
    let stand = try self.stand { request, _ throws(TransportError) in
      #expect(request.endsThere && request.timeout != nil && request.effect == .reads)
      return .ended(0, "1000\n")
    }
    #expect(try await stand.findings().count == 8)
  }

  @Test func `an answer that was late is asked for again, and the quickest counts`() async throws {
    var (line, count) = try await clock(off: 0, after: [8, 0.25])
    #expect(count == 2)
    #expect(line?.hasPrefix("OK host.clock web1: 0 s") == true, "\(line ?? "")")
    (line, count) = try await clock(off: 7, after: [0.5])
    #expect(count == 1)
    #expect(line?.hasPrefix("WARN host.clock web1: 6.5 s") == true, "\(line ?? "")")
    (line, _) = try await clock(off: 300, after: [8])
    #expect(line?.hasPrefix("BAD host.clock web1: 300 s") == true, "\(line ?? "")")
  }

  @Test func `a replay without a recording is UNKNOWN`() async throws {
    let stand = try self.stand { _, host throws(TransportError) in
      throw .notRecorded(host: host.name, command: "date +%s", why: "no read of this host was recorded", hint: "")
    }
    let findings = try await stand.findings()
    #expect(findings.count == 8)
    #expect(findings.allSatisfy { $0.level == .unknown && $0.note.contains("the recording has no answer") })
  }

  @Test func `without a site there are no hosts, which is UNKNOWN`() async throws {
    let findings = try await Stand(HostChecks.all).findings()
    #expect(findings.map(\.level) == [.unknown, .unknown, .unknown, .unknown])
    #expect(findings.allSatisfy { $0.note == "opsh runs without a site, so there are no hosts to check" })
  }

  @Test func `one host is asked only so much at once`() async throws {
    let crowd = Crowd()
    let checks = (1...20).map { index in
      let probe = HostProbe(command: "true") { _, _ in Measured(1) }
      return Check(CheckDeclaration("a.\(index)", "It", ok: [.below(5)])) { call throws(CallFailure) in
        await probe.measure(try call.surroundings.allHosts(), call)
      }
    }
    var stand = try self.stand { _, _ throws(TransportError) in
      crowd.enter()
      for _ in 0..<20 { await Task.yield() }
      crowd.leave()
      return .ended(0, "")
    }
    stand.surroundings.checks = checks
    #expect(try await stand.findings().count == 40)
    #expect(crowd.most <= 2 * HostTurns.limit)
    #expect(crowd.most > 1)
  }
}

/// How many were somewhere at once.
private final class Crowd: Sendable {
  private let counts = Mutex((now: 0, most: 0))

  var most: Int { counts.withLock { $0.most } }

  func enter() {
    counts.withLock { counts in
      counts.now += 1
      counts.most = max(counts.most, counts.now)
    }
  }

  func leave() { counts.withLock { $0.now -= 1 } }
}
