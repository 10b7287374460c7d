import PrimitiveKit
import Testing

@testable import Fleet

struct CommandReportTests {
  @Test func `D9: one reason of many hosts is one group, whatever host and address are in it`() {
    let outputs = ["web001", "web002"].map { host in
      let address = HostAddress(name: host, address: "10.0.0.\(host.last ?? "0")", port: 2222, user: "u", kind: .ssh)
      let reason = "\(host) refuses connections at [\(address.address)]:2222"
      let failure = CallFailure(TransportError.unreachable(host: host, reason: reason, hint: nil))
      let report = CommandReport(host: host, failure)
      #expect(report.detail == reason)
      return report.grouped(without: address)
    }
    #expect(OutputReport().lines(for: outputs).first == "web[001-002] (2): unreachable: refuses connections")
  }

  @Test(arguments: [(137, "KILL"), (143, "TERM"), (3, nil), (128, nil), (0, nil)])
  func `a status that stands for a signal names it`(status: Int, signal: String?) throws {
    let result = CommandResult(status: status, signal: nil, output: [], errorOutput: [], duration: .seconds(1))
    let report = CommandReport(host: "web001", result)
    #expect(report.signal == signal && report.status == status)
    let part = PartialChange.Part(report, isChange: false)
    #expect(part?.why == (status == 0 ? nil : signal.map { "status \(status) (\($0))" } ?? "status \(status)"))
  }

  @Test func `who cancels is told that the command may go on`() {
    let failure = CallFailure(TransportError.cancelled(host: "web001", effectPossible: true))
    let report = CommandReport(host: "web001", failure)
    #expect(report.state == "unknown")
    #expect(report.detail == "cancelled; what was sent may still be running there")
  }

  // A full disk that took no host script was told as a host that cannot be reached.
  @Test func `a host that answered and could not begin is failed, not unreachable`() {
    let failure = CallFailure(TransportError.rejected(host: "web001", path: ".opsh/bin/x", reason: "no space left"))
    let report = CommandReport(host: "web001", failure)
    #expect(report.state == "failed")
    #expect(!report.isOK)
    let outputs = ["web001", "web002"].map { CommandReport(host: $0, failure).grouped(without: nil) }
    let lines = OutputReport().lines(for: outputs)
    #expect(lines.first == "web[001-002] (2): failed: .opsh/bin/x could not be written on web001: no space left")
    #expect(lines.last == "2 hosts: 0 ok, 2 failed, 0 timed out, 0 unknown, 0 unreachable, 0 not run")
  }
}
