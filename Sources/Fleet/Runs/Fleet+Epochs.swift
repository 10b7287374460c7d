import PrimitiveKit

extension Fleet {
  /// Asks hosts for the newest epoch they obeyed, all at once, before a journal that does not know them grants its first lock.
  ///
  /// Needs nothing that is installed there. Answers the epochs, 0 where a host obeyed none yet, and the hosts that did not say.
  package func epochs(of hosts: [Host]) async -> (seen: [String: Int], silent: [String]) {
    let answers = await hosts.concurrentMap(limit: fanOut) { host -> (name: String, epoch: Int?) in
      do {
        let runtime = try self.commandRuntime(of: host)
        let calls = HostCalls(runtime: runtime, world: self.world, host: host.hostAddress)
        return (host.name, try await calls.epoch())
      } catch {
        return (host.name, nil)
      }
    }
    var seen: [String: Int] = [:]
    for answer in answers { seen[answer.name] = answer.epoch }
    return (seen, answers.filter { $0.epoch == nil }.map(\.name))
  }

  /// Sets the epoch of hosts anew, all at once, whatever they obeyed: for those that a wrong clock raised.
  package func resetEpochs(of hosts: [Host], to epoch: Int, journal: String) async -> FenceReport {
    let answers = await hosts.concurrentMap(limit: fanOut) { host in
      do {
        let runtime = try self.commandRuntime(of: host)
        let calls = HostCalls(runtime: runtime, world: self.world, host: host.hostAddress)
        let arguments = ["fence", "--reset", "--epoch", "\(epoch)", "--journal", journal]
        _ = try await calls.tell(arguments, timeout: .seconds(30))
        return FenceReport.Answer(host: host.name, atWork: nil, problem: nil)
      } catch {
        return FenceReport.Answer(host: host.name, atWork: nil, problem: CallFailure(anyError: error))
      }
    }
    return FenceReport(answers: answers)
  }
}

extension HostCalls {
  /// The newest epoch the host obeyed; 0 before the first, nil where its file cannot be read.
  fileprivate func epoch() async throws(CallFailure) -> Int? {
    let result = try await send(
      CommandRequest(
        line: "if [ -e \"$HOME/.opsh/epoch\" ]; then cat \"$HOME/.opsh/epoch\"; else echo 0; fi",
        timeout: .seconds(30),
        effect: .reads
      )
    )
    return String(decoding: result.output, as: UTF8.self).split(whereSeparator: \.isWhitespace).first.flatMap {
      Int($0)
    }
  }
}
