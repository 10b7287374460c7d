import HostScript
import PrimitiveKit
package import Site

extension Fleet {
  /// Asks hosts for the newest epoch they obeyed, all at once, before a journal that does not know them grants its first lock.
  ///
  /// Needs nothing that is installed there. Answers the epochs, 0 where a host obeyed none yet, and the hosts that did not say.
  package func epochs(of hosts: [Host]) async -> (seen: [String: Int], silent: [String]) {
    let answers = await hosts.concurrentMap(limit: fanOut) { host -> (name: String, epoch: Int?) in
      do throws(CallFailure) {
        let calls = HostCalls(runtime: try Runtime.core(), world: self.world, host: host.hostAddress)
        return (host.name, try await calls.epoch().epoch)
      } catch {
        return (host.name, nil)
      }
    }
    var seen: [String: Int] = [:]
    for answer in answers { seen[answer.name] = answer.epoch }
    return (seen, answers.filter { $0.epoch == nil }.map(\.name))
  }

  /// Sets the epoch of hosts anew, all at once, whatever they obeyed: for those that a wrong clock raised.
  ///
  /// Each host replaces only the epoch that it was seen to have, and none by one more than 5 minutes ahead of its clock.
  package func resetEpochs(of hosts: [Host], to epoch: Int, journal: String) async -> FenceReport {
    await fence(hosts) { calls throws(CallFailure) in
      let seen = try await calls.epoch()
      return try await calls.fence(["fence", "--reset", seen.word] + Ticket.lease(epoch: epoch, journal: journal))
    }
  }
}

extension HostCalls {
  /// The newest epoch the host has obeyed.
  fileprivate func epoch() async throws(CallFailure) -> HostEpoch {
    let lines = try await read(["epoch"])
    guard let line = lines.first(where: { $0.kind == .host }) else {
      throw CallFailure(FleetError.badHostAnswer(host: host.name, text: lines.first?.text ?? "nothing"))
    }
    do {
      return try HostEpoch(line)
    } catch {
      throw CallFailure(error)
    }
  }
}
