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

  /// What the grouped display shows of a failure.
  private func shown(_ reason: String, of host: String, at address: String = "10.0.0.1") -> HostOutput.State {
    let report = CommandReport(host: host, state: "failed", detail: reason)
    return report.grouped(without: HostAddress(name: host, address: address, port: 22, user: "u", kind: .ssh)).state
  }

  // A host called `d` made "no plugin that is loaded has" read "no plugin that is loadehas".
  @Test func `only the name that a reason begins with is left out, not one inside of it`() {
    #expect(shown("no plugin that is loaded has it", of: "d") == .failed("no plugin that is loaded has it"))
    #expect(shown("nothing was sent to a g of them", of: "g") == .failed("nothing was sent to a g of them"))
    #expect(shown("d did not finish at 10.0.0.1 within 2 s", of: "d") == .failed("did not finish within 2 s"))
    #expect(shown("it is at 10.0.0.12:22", of: "d") == .failed("it is at 10.0.0.12:22"))
    #expect(
      shown("the connection to web1 was lost after the command was sent: EOF", of: "web1")
        == .failed("the connection was lost after the command was sent: EOF")
    )
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
