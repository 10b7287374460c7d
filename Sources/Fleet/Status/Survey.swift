import HostScript
package import PrimitiveKit
package import Site

/// What one look at the hosts found.
package struct Survey: Sendable {
  package var hosts: [HostSurvey]

  /// Every asked bot, in site order; those of silent hosts are `unreachable`, those of hosts that could not be asked
  /// `unknown`.
  package var bots: [BotStatus] { hosts.flatMap(\.bots) }
  package var unreachable: [HostSurvey] { hosts.filter { $0.problem != nil } }

  /// The first fault of this machine that kept a host from being asked; nil for none.
  var fault: CallFailure? { hosts.lazy.compactMap(\.problem).first(where: \.isLocal) }
}

/// What one look at one host found.
package struct HostSurvey: Sendable {
  package var host: Host
  package var bots: [BotStatus]
  /// Why the host did not answer.
  package var problem: CallFailure?
  /// How long it took.
  package var duration: Duration

  /// Whether every asked bot runs the image of a deploy, or is live and has it.
  func isDone(_ request: DeployRequest) -> Bool {
    problem == nil
      && bots.allSatisfy { $0.isRunning && $0.digest == request.image.reference.digest || request.isStill($0) }
  }

  /// Whether every asked bot has a latch.
  var isLatched: Bool { problem == nil && !bots.isEmpty && bots.allSatisfy(\.isLatched) }

  /// Why the host did not answer, in words that leave out its name.
  var reason: String { problem?.reason(on: host.name) ?? "no answer" }
}

extension Fleet {
  /// Looks at bots, all hosts at once; a host that does not answer is part of the answer.
  func survey(_ shares: [HostShare]) async -> Survey {
    let hosts = await shares.concurrentMap(limit: fanOut) { share in await look(at: share) }
    return Survey(hosts: hosts)
  }

  /// Looks at bots even for a caller that was cancelled: a task of its own.
  func surveyUncancelled(_ shares: [HostShare]) async -> Survey {
    await Task { await self.survey(shares) }.value
  }

  private func look(at share: HostShare) async -> HostSurvey {
    let start = ContinuousClock.now
    do {
      let calls = try hostCalls(share.host)
      let lines = try await calls.read(["inspect", "--bots", share.bots.joined(separator: " ")])
      let now = lines.first { $0.kind == .host }?["now"].flatMap { Int($0) }
      // Within a plan, what its earlier steps leave.
      let plan = CallContext.current.run?.world
      let found = Dictionary(
        lines.filter { $0.kind == .bot }.compactMap { try? HostBot($0) }.map { bot in
          (bot.name, bot.after(plan, on: share.host.name))
        },
        uniquingKeysWith: { first, _ in first }
      )
      let bots = share.bots.map { name in
        found[name].map { BotStatus($0, host: share.host.name, now: now) }
          ?? .unreachable(name, host: share.host.name, why: "the host did not report it")
      }
      return HostSurvey(host: share.host, bots: bots, problem: nil, duration: ContinuousClock.now - start)
    } catch {
      let problem = CallFailure(anyError: error)
      return HostSurvey(
        host: share.host,
        bots: share.bots.map { .unread($0, host: share.host.name, problem) },
        problem: problem,
        duration: ContinuousClock.now - start
      )
    }
  }

  /// The host script of the host's runtime; throws `fleet.unknown_runtime`.
  func hostCalls(_ host: Host) throws(CallFailure) -> HostCalls {
    HostCalls(runtime: try runtime(of: host), world: world, host: host.hostAddress)
  }

  func runtime(of host: Host) throws(CallFailure) -> Runtime {
    guard let runtime = runtimes[host.runtime] else {
      throw CallFailure(
        FleetError.unknownRuntime(name: host.runtime, host: host.name, known: runtimes.keys.sorted())
      )
    }
    return runtime
  }
}

/// Some bots of one host.
package struct HostShare: Sendable, Equatable {
  package let host: Host
  package let bots: [String]

  package init(host: Host, bots: [String]) {
    self.host = host
    self.bots = bots
  }
}
