import Foundation
import Testing

/// Kills opsh at every write of its journal; whoever takes the work up must come to the same end, with no effect twice.
///
/// `make test` kills before one write and after the next; `make soak` before and after each.
@Suite(.serialized, .timeLimit(.minutes(60)))
struct CrashMatrixTests {
  @Test func `a runbook of thirty steps killed at any write of its journal ends as if it had not been`() async throws {
    let report = try await Sweep(hosts: 6, ways: [[Prey.runbook("synthetic")]]).run()
    #expect(report.differences.isEmpty, "\(report)")
    #expect(report.points * (Effort.number("OPSH_EVERY") ?? 1) >= 100, "\(report)")
  }

  @Test func `a deploy of six hosts killed at any write of its journal ends as if it had not been`() async throws {
    let deploy = [Prey.shipped("deploy"), "target=all", "speed=routine"]
    let report = try await Sweep(hosts: 6, ways: [deploy + ["image=v2"], deploy + ["image=v1"]]).run()
    #expect(report.differences.isEmpty, "\(report)")
    #expect(report.points * (Effort.number("OPSH_EVERY") ?? 1) >= 30, "\(report)")
  }
}
