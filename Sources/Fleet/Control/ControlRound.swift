import Foundations
import HostScript
import PrimitiveKit
import Site

/// One start or restart of bots, layer after layer.
struct ControlRound: Sendable {
  let fleet: Fleet
  let request: ControlRequest
  let order: StartOrder
  /// Seconds a started bot must stay the same process.
  let settle: Int
  let run: Run
  /// What ends the whole call.
  private let ending = FatalFailure()

  init(fleet: Fleet, request: ControlRequest, order: StartOrder, settle: Int, run: Run) {
    (self.fleet, self.request, self.order, self.settle, self.run) = (fleet, request, order, settle, run)
  }

  /// Answers how each bot stands afterwards, in the order of the layers.
  ///
  /// Throws what is no host's own failure: of the journal, of the lock, of a run that was stopped.
  func perform() async throws(CallFailure) -> [BotStatus] {
    var verb = request.verb
    let absent = try await absent()
    var seen: [String: BotStatus] = [:]
    if verb == .restart, order.isOrdered {
      seen = try await stop(except: withheld(absent, "restarted"))
      verb = .start
    } else {
      seen = withheld(absent, verb.past)
    }
    // What was not stopped still runs, so what needs it starts again; of a silent host nobody can say that.
    var failed = Set(seen.values.filter { ["unreachable", "unknown"].contains($0.state) }.map(\.bot))
    if request.verb == .start { failed = Set(seen.keys) }
    let endsRestart = verb != request.verb
    for (turn, layer) in order.layers.enumerated() {
      var answers: [BotStatus] = []
      let shares = layer.compactMap { share -> HostShare? in
        let bots = share.bots.filter { seen[$0] == nil }
        let free = bots.filter { order.missing(for: $0, among: failed).isEmpty }
        for bot in bots where !free.contains(bot) {
          let lacking = NameSet(names: order.missing(for: bot, among: failed)).folded
          answers.append(.withheld(bot, host: share.host.name, "not \(verb.past): it needs \(lacking), not ready"))
        }
        return free.isEmpty ? nil : HostShare(host: share.host, bots: free)
      }
      let number = await run.ordinal(of: "layer")
      var work = Work(verb: verb, turn: order.isOrdered ? order.layers.count + turn : nil, watched: number)
      work.endsRestart = endsRestart ? true : nil
      answers += try await change(work, shares)
      for bot in answers {
        seen[bot.bot] = bot
        if !bot.isUp { failed.insert(bot.bot) }
      }
    }
    return order.layers.flatMap { $0 }.flatMap(\.bots).compactMap { seen[$0] }
  }

  /// How bots stand that others need and that this call leaves as they are, where they are not up.
  private func absent() async throws(CallFailure) -> [String: String] {
    let names = Set(order.beside.values.flatMap { $0 }).sorted()
    guard !names.isEmpty, let site = fleet.site else { return [:] }
    let shares = try fleet.selectShares(names.joined(separator: ","), in: site)
    let number = await run.ordinal(of: "needed beside")
    return try await run.recorded("needed beside \(number)") { () async throws(CallFailure) in
      let bots = await fleet.survey(shares).bots.filter { !$0.isRunning }
      return Dictionary(bots.map { ($0.bot, $0.state) }, uniquingKeysWith: { first, _ in first })
    }
  }

  /// The bots of the selection that need one of these, or something that is nowhere.
  private func withheld(_ absent: [String: String], _ done: String) -> [String: BotStatus] {
    var found: [String: BotStatus] = [:]
    for share in order.layers.flatMap({ $0 }) {
      for bot in share.bots {
        if let kinds = order.lacking[bot] {
          let names = kinds.map { "'\($0)'" }.joined(separator: ", ")
          let system = fleet.systems.home(of: bot)?.system.name ?? ""
          let why = "not \(done): it needs \(names), and no bot of system '\(system)' is of that kind"
          found[bot] = .withheld(bot, host: share.host.name, why)
          continue
        }
        let lacking = (order.beside[bot] ?? []).filter { absent[$0] != nil }
        guard let first = lacking.first else { continue }
        let how = lacking.count == 1 ? "which is \(absent[first] ?? "down")" : "which are not up"
        let why = "not \(done): it needs \(NameSet(names: lacking).folded), \(how)"
        found[bot] = .withheld(bot, host: share.host.name, why)
      }
    }
    return found
  }

  /// Stops what needs others first, except these; answers the bots that did not stop, and those that they need, which are
  /// left alone.
  private func stop(except kept: [String: BotStatus]) async throws(CallFailure) -> [String: BotStatus] {
    var left = kept
    for (turn, layer) in order.layers.reversed().enumerated() {
      let blocked = Set(left.keys)
      let shares = layer.compactMap { share -> HostShare? in
        let free = share.bots.filter { bot in
          guard left[bot] == nil else { return false }
          guard let user = order.dependents(of: bot, among: blocked).first else { return true }
          left[bot] = .withheld(bot, host: share.host.name, "not restarted: \(user), which needs it, did not stop")
          return false
        }
        return free.isEmpty ? nil : HostShare(host: share.host, bots: free)
      }
      for bot in try await change(Work(verb: .stop, turn: turn), shares) where bot.isUnseen || bot.isRunning {
        var bot = bot
        bot.isFailed = true
        if bot.note.isEmpty { bot.note = "it did not stop" }
        left[bot.bot] = bot
      }
    }
    return left
  }

  /// What is done to the bots of one layer.
  private struct Work {
    let verb: ControlBots.Verb
    /// As `Operation.turn`.
    let turn: Int?
    /// Numbers the layers whose bots are watched until they are ready; nil for those that stop.
    var watched: Int?
    var endsRestart: Bool?
  }

  /// Changes bots on all of these hosts at once.
  private func change(_ work: Work, _ shares: [HostShare]) async throws(CallFailure) -> [BotStatus] {
    let seen = await shares.concurrentMap(limit: fleet.fanOut) { share -> [BotStatus] in
      do throws(CallFailure) {
        return try await change(work, share)
      } catch {
        await ending.note(error, in: run)
        return share.bots.map { .after(error, $0, host: share.host.name) }
      }
    }
    try ending.check()
    return seen.flatMap { $0 }
  }

  private func change(_ work: Work, _ share: HostShare) async throws(CallFailure) -> [BotStatus] {
    let runtime = try fleet.runtime(of: share.host)
    let (verb, watched) = (work.verb, work.watched)
    let change = ControlBots(
      verb: verb,
      host: share.host.hostAddress,
      bots: share.bots,
      runtime: runtime,
      stopGrace: Int(request.grace.seconds.rounded(.up)),
      settle: settle,
      turn: work.turn,
      endsRestart: work.endsRestart
    )
    let watches = watched == nil || run.world.mode == .dry ? [] : self.watches(share, runtime)
    let place = "\(share.host.name) \(watched ?? 0)"
    let places = try await places(of: watches, "logs before the start on \(place)")
    var seen: [BotStatus]
    do throws(CallFailure) {
      let found = try await fleet.perform(change, with: runtime, on: share.host.hostAddress, in: run)
      // What a plan cannot predict it names; the script continues as if it worked.
      seen = found ?? share.bots.map { .assumed($0, host: share.host.name, isRunning: verb != .stop) }
    } catch {
      guard let found = await fleet.foundAfter(error, change, in: run) else { throw error }
      seen = found
    }
    let late = try await late(seen, watches, places, "readiness on \(place)")
    for index in seen.indices {
      guard let why = late[seen[index].bot] else { continue }
      seen[index].isFailed = true
      seen[index].note = why
    }
    return seen
  }

  private func watches(_ share: HostShare, _ runtime: Runtime) -> [ReadyWatch] {
    share.bots.compactMap { bot in
      guard let (system, member) = fleet.systems.home(of: bot), let ready = system.readiness(of: member) else {
        return nil
      }
      let calls = HostCalls(runtime: runtime, world: run.world.dry, host: share.host.hostAddress)
      return ReadyWatch(bot: bot, readiness: ready, calls: calls, clock: run.world.clock)
    }
  }

  /// Where the logs end now, so that only later lines count; a resumed run looks behind the same places.
  private func places(of watches: [ReadyWatch], _ name: String) async throws(CallFailure) -> [String: ReadyPlace] {
    guard !watches.isEmpty else { return [:] }
    return try await run.recorded(name) { () async throws(CallFailure) in
      let found = await watches.concurrentMap(limit: watches.count) { watch in
        (watch.bot, await CallFailure.result { () async throws(CallFailure) in try await watch.place() })
      }
      var places: [String: ReadyPlace] = [:]
      for (bot, place) in found { places[bot] = try place.get() }
      return places
    }
  }

  /// Why bots are not ready; those that are, or that were not started, are not in it.
  private func late(
    _ seen: [BotStatus],
    _ watches: [ReadyWatch],
    _ places: [String: ReadyPlace],
    _ name: String
  ) async throws(CallFailure) -> [String: String] {
    let up = Dictionary(seen.filter(\.isUp).map { ($0.bot, $0) }, uniquingKeysWith: { first, _ in first })
    let watched = watches.filter { up[$0.bot] != nil }
    guard !watched.isEmpty else { return [:] }
    return try await run.recorded(name) { () async throws(CallFailure) in
      let answers = await watched.concurrentMap(limit: watched.count) { watch in
        // One that was up already wrote what it had to say long ago.
        let place = up[watch.bot]?.isChanged == false ? nil : places[watch.bot]
        return (
          watch.bot, await CallFailure.result { () async throws(CallFailure) in try await watch.wait(from: place) }
        )
      }
      var late: [String: String] = [:]
      for (bot, why) in answers { late[bot] = try why.get() }
      return late
    }
  }
}

extension BotStatus {
  /// Whether it was looked at, runs and nothing went wrong.
  fileprivate var isUp: Bool { !isUnseen && isRunning && isRefused != true && isFailed != true }

  /// A bot that was left alone because of another one.
  fileprivate static func withheld(_ bot: String, host: String, _ why: String) -> BotStatus {
    var status = unknown(bot, host: host, why: why)
    status.state = "failed"
    return status
  }
}
