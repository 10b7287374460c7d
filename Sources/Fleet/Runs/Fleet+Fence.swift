import HostScript
package import PrimitiveKit
package import Site

extension Fleet {
  /// Tells hosts the newest epoch, all at once, after a lock was taken over: from then on they refuse who held it before.
  ///
  /// Waits for nothing that is at work there, and names it.
  package func fence(_ hosts: [Host], epoch: Int) async -> FenceReport {
    let answers = await hosts.concurrentMap(limit: fanOut) { host in
      do {
        let runtime = try self.commandRuntime(of: host)
        let calls = HostCalls(runtime: runtime, world: self.world, host: host.hostAddress)
        let run = try await calls.fence(epoch)
        return FenceReport.Answer(host: host.name, atWork: run, problem: nil)
      } catch {
        return FenceReport.Answer(host: host.name, atWork: nil, problem: CallFailure(anyError: error))
      }
    }
    return FenceReport(answers: answers)
  }
}

/// What hosts said to a fence.
package struct FenceReport: Sendable, Equatable {
  /// One host's word.
  package struct Answer: Sendable, Equatable {
    package let host: String
    /// The ticket of a change that was at work and goes on; nil when there was none.
    package let atWork: String?
    /// Why the host is not fenced; `host.stale_epoch` when it has obeyed a newer epoch.
    package let problem: CallFailure?
  }

  package let answers: [Answer]

  /// Hosts that may still obey an older epoch.
  package var notReached: [Answer] { answers.filter { $0.problem != nil } }
  /// Hosts where a change was at work.
  package var atWork: [Answer] { answers.filter { $0.atWork != nil } }
}

extension HostCalls {
  /// Tells the host an epoch; answers the ticket of a change that is at work.
  fileprivate func fence(_ epoch: Int) async throws(CallFailure) -> String? {
    let lines = try await tell(["fence", "--epoch", "\(epoch)"], timeout: .seconds(30))
    let run = lines.first { $0.kind == .host }?["run"] ?? ""
    return run.isEmpty ? nil : run
  }
}
