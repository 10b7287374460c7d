package import HostScript
package import PrimitiveKit

/// Swaps bots of one host to an image, one after another, each rollback-safe (R1-23).
package struct SwapBots: Operation {
  package typealias Outcome = SwapOutcome
  package static let kind = "bots.swap"
  /// The host attaches to the swap of the same ticket, and a bot that is there already is left alone.
  package static let isRepeatable = true

  package let host: HostAddress
  package let bots: [String]
  package let image: ImageReference
  package let runtime: Runtime
  package let timing: Timing
  /// Whether it goes back to an image that ran before; nil is no, so that a deploy is recorded as it always was.
  package var restores: Bool?
  /// The digest that it takes back, where it undoes a swap; nil where it does not, and in swaps recorded before.
  package var leaves: String?
  /// Live bots: those that are not running get the image and are not started; nil where there are none.
  package var asFound: [String]?

  /// Seconds, from the speed.
  package struct Timing: Sendable, Codable, Equatable {
    package let stop: Int
    package let settle: Int
    package let loginWait: Int
  }

  package var target: OperationTarget { .bots(bots, host: host.name) }
  package var effect: Effect { .changes }
  package var release: ReleaseReference? { ReleaseReference(name: image.name, digest: image.digest) }
  package var isRestoring: Bool { restores == true }
  package var started: [String] { bots }
  package var summary: String {
    "swap \(NameSet(names: bots).folded) to \(image.name) (\(image.shortDigest)) on \(host.name)"
  }

  package var act: String {
    isRestoring ? "swap bots back to \(image.shortDigest)" : "swap bots to \(image.name) (\(image.shortDigest))"
  }

  package func act(naming releases: OfferedReleases) -> String {
    guard isRestoring, let offer = releases[image.digest] else { return act }
    return "swap bots back to \(offer.name) (\(image.shortDigest))"
  }

  package func predict(in world: World) async throws(CallFailure) -> Prediction<SwapOutcome> {
    .exact(predicted(from: try await look(in: world), in: world))
  }

  func look(in world: World) async throws(CallFailure) -> [HostBot] {
    let lines = try await calls(world).read(["inspect", "--bots", bots.joined(separator: " ")])
    return lines.filter { $0.kind == .bot }.compactMap { try? HostBot($0) }.map { $0.after(world, on: host.name) }
  }

  package var restsOn: [PredictedWorld.Thing] { PredictedBot.things(bots, on: host.name) }

  package func leave(_ outcome: SwapOutcome?, in world: PredictedWorld, why: String) {
    guard let outcome else { return world.leave(bots, on: host.name, as: nil, why: why) }
    // What is left alone, or refused, stays as it is.
    for bot in outcome.bots where bot.result == .swapped {
      let fact = PredictedBot(isRunning: bot.isStill != true, image: image.name, digest: image.digest, mark: .none)
      world.set(fact, of: PredictedBot.thing(bot.bot, on: host.name))
    }
  }

  private func predicted(from found: [HostBot], in world: World) -> SwapOutcome {
    SwapOutcome(
      host: host.name,
      bots: bots.map { name in
        let bot = found.first { $0.name == name }
        let isStill = asFound?.contains(name) == true && bot?.state != .running
        let isThere = (isStill || bot?.state == .running) && bot?.digest == image.digest
        return BotSwap(
          bot: name,
          result: isThere ? .unchanged : bot?.isLatched == true ? .refused : .swapped,
          before: bot.flatMap { $0.digest.isEmpty ? nil : $0.digest },
          detail: "",
          seconds: nil,
          isStill: isStill ? true : nil,
          drags: isThere || isStill ? nil : bot?.dragging(besides: bots, world, on: host.name)
        )
      }
    )
  }

  package func perform(in world: World) async throws(CallFailure) -> SwapOutcome {
    try await perform(in: world, onLine: nil)
  }

  /// Performs the swap and passes on what the host says meanwhile.
  func perform(in world: World, onLine: (@Sendable (HostLine) -> Void)?) async throws(CallFailure) -> SwapOutcome {
    let lines = try await calls(world).change(arguments(in: world), timeout: timeout, onLine: onLine)
    return try await outcome(of: lines, in: world)
  }

  private func outcome(of lines: [HostLine], in world: World) async throws(CallFailure) -> SwapOutcome {
    var outcome = SwapOutcome(host: host.name, bots: bots.map { .silent($0) })
    outcome.adopt(lines.filter { $0.kind == .result }.compactMap { try? SwapResult($0) })
    return try await verified(outcome, in: world)
  }

  /// Asks the host for the outcome of the ticket and waits for its end; the bots themselves tell where there is no ticket.
  package func probe(in world: World) async throws(CallFailure) -> Probe<SwapOutcome> {
    if world.ticket != nil {
      switch try await calls(world).attached(timeout: timeout) {
      case .done(let lines): return .done(try await outcome(of: lines, in: world))
      case .failed(let failure): return .failed(failure)
      case .notDone: return .notDone
      case .unknown(let why): return .unknown(why: why)
      }
    }
    guard case .exact(let outcome) = try await predict(in: world) else { return .unknown(why: "no answer") }
    if outcome.bots.allSatisfy({ $0.result == .unchanged }) { return .done(outcome) }
    return outcome.bots.contains { $0.result == .unchanged } ? .unknown(why: "some bots are swapped") : .notDone
  }

  package var preparation: (any Operation)? { InstallHostScript(host: host, runtime: runtime) }

  /// Whether every bot ended as predicted and from the image that was seen; seconds and logs nobody predicts.
  package static func agree(_ predicted: SwapOutcome, _ actual: SwapOutcome) -> Bool {
    predicted.host == actual.host && predicted.bots.count == actual.bots.count
      && zip(predicted.bots, actual.bots).allSatisfy {
        $0.bot == $1.bot && $0.result == $1.result && $0.agrees(with: $1)
      }
  }

  /// The longest a swap may take, in seconds: the pull, then every bot's stop, settle and login wait, twice for a way back.
  var timeout: Duration {
    .seconds(300 + bots.count * 2 * (timing.stop + timing.settle + timing.loginWait + 15))
  }

  /// The image with its name and source as the site offers it today, where the swap was recorded without them.
  func image(in world: World) -> ImageReference {
    guard image.source.isEmpty, let offer = world.releases[image.digest] else { return image }
    return ImageReference(name: offer.name, digest: image.digest, source: offer.source)
  }

  private func arguments(in world: World) -> [String] {
    let image = image(in: world)
    return [
      "swap", "--image", image.name, "--digest", image.digest, "--source", image.source,
      "--bots", bots.joined(separator: " "), "--stop", "\(timing.stop)", "--settle", "\(timing.settle)",
      "--login-wait", "\(timing.loginWait)", "--wait", "\(HostCalls.patience)",
    ] + (asFound.map { ["--as-found", $0.joined(separator: " ")] } ?? [])
  }

  func calls(_ world: World) -> HostCalls {
    HostCalls(runtime: runtime, world: world, host: host)
  }

  // A second look through another door: the script that was sent along, not the installed one (G-02).
  private func verified(_ outcome: SwapOutcome, in world: World) async throws(CallFailure) -> SwapOutcome {
    let found: [HostBot]
    do {
      found = try await look(in: world)
    } catch {
      // The swap was done, and what it came to cannot be seen.
      guard error.failureClass == .unavailable || error.mark == .timedOut else { throw error.afterChange }
      throw CallFailure(.unknownOutcome, code: "host.lost", message: error.message, hint: error.hint)
    }
    var outcome = outcome
    outcome.infer(from: found, image.digest)
    for index in outcome.bots.indices where outcome.bots[index].isGood {
      let seen = found.first { $0.name == outcome.bots[index].bot }
      if seen?.digest == image.digest, seen?.state == .running || outcome.bots[index].isStill == true { continue }
      if seen?.digest == image.digest, let mark = seen?.mark {
        // A rollback takes it back like any other; that nothing runs is what somebody wanted.
        outcome.bots[index].stoppedLater = true
        outcome.bots[index].detail = mark
      } else {
        let claimed = outcome.bots[index].result.rawValue
        outcome.bots[index].result = .failed
        outcome.bots[index].detail = "the host said \(claimed), but it is not running \(image.name)"
      }
    }
    return outcome
  }
}
