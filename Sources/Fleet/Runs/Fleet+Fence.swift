import HostScript
package import PrimitiveKit
package import Site

extension Fleet {
  /// Tells hosts the newest epoch, all at once, after a lock was taken over: from then on they refuse who held it before.
  ///
  /// `journal` is the id of the journal that granted it. Waits for nothing that is at work there, and names it.
  package func fence(_ hosts: [Host], epoch: Int, journal: String? = nil) async -> FenceReport {
    await fence(hosts) { calls throws(CallFailure) in
      try await calls.fence(["fence"] + Ticket.lease(epoch: epoch, journal: journal))
    }
  }

  /// Tells hosts something about their epochs, all at once; needs nothing that is installed there.
  func fence(
    _ hosts: [Host],
    _ tell: @escaping @Sendable (HostCalls) async throws(CallFailure) -> String?
  ) async -> FenceReport {
    let answers = await hosts.concurrentMap(limit: fanOut) { host in
      do throws(CallFailure) {
        let calls = HostCalls(runtime: try Runtime.core(), world: self.world, host: host.hostAddress)
        return FenceReport.Answer(host: host.name, atWork: try await tell(calls), problem: nil)
      } catch {
        return FenceReport.Answer(host: host.name, atWork: nil, problem: error)
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
    /// The ticket of a change that is still at work; nil when there was none.
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
  func fence(_ arguments: [String]) async throws(CallFailure) -> String? {
    let lines = try await tell(arguments, timeout: .seconds(30))
    let run = lines.first { $0.kind == .host }?["run"] ?? ""
    return run.isEmpty ? nil : run
  }
}
