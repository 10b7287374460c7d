import HostScript
package import PrimitiveKit

/// What undoes a swap, and what its outcome says to whoever undoes it.
extension SwapBots {
  /// Swapping back where one swap does it: nil where the bots ran several images.
  package func inverse(of outcome: SwapOutcome) -> (any Operation)? {
    let all = inverses(of: outcome)
    return all.count == 1 ? all.first : nil
  }

  /// A swap for each image that was replaced, of every bot that may not be as it was.
  ///
  /// A bot that is down or gave no result is among them: where it runs its old image, nothing is done to it. Of one whose old
  /// image is not known only the others can tell.
  package func inverses(of outcome: SwapOutcome) -> [any Operation] {
    let changed = outcome.bots.filter { [.swapped, .down, .failed, .unknown].contains($0.result) }
    var digests: [String] = []
    for digest in changed.compactMap(\.before) where !digests.contains(digest) { digests.append(digest) }
    return digests.filter { $0 != self.image.digest }.map { digest in
      let bots = changed.filter { $0.before == digest || ($0.before == nil && digests.count == 1) }
      return SwapBots(
        host: host,
        bots: bots.map(\.bot),
        image: ImageReference(name: "previous", digest: digest, source: ""),
        runtime: runtime,
        timing: timing,
        restores: true,
        leaves: self.image.digest,
        asFound: asFound.map { live in bots.map(\.bot).filter(live.contains) }.flatMap { $0.isEmpty ? nil : $0 }
      )
    }
  }

  package func comment(on predicted: SwapOutcome) -> String? {
    let swapped = predicted.bots.filter { $0.result == .swapped }
    let lines = [ranLater(predicted), Dragging.words(swapped.map { ($0.bot, $0.drags) }, again: true)]
    let told = lines.compactMap(\.self)
    return told.isEmpty ? nil : told.joined(separator: "; ")
  }

  /// Bots that run neither what the undone swap left there nor what they go back to: somebody deployed to them since.
  private func ranLater(_ predicted: SwapOutcome) -> String? {
    guard let leaves else { return nil }
    let later = predicted.bots.filter { bot in
      guard bot.result == .swapped, let now = bot.before else { return false }
      return now != leaves && now != image.digest
    }
    let groups = Dictionary(grouping: later) { $0.before ?? "" }.sorted { $0.key < $1.key }
    guard !groups.isEmpty else { return nil }
    return groups.map { digest, bots in
      let image = ImageReference(name: "", digest: digest, source: "")
      return "\(NameSet(names: bots.map(\.bot)).folded) runs \(image.shortDigest)"
    }.joined(separator: ", ")
  }

  /// Its image is no longer on the host, and the site does not offer it.
  package func obstacle(in world: World) async throws(CallFailure) -> String? {
    guard image(in: world).source.isEmpty else { return nil }
    let facts = try await calls(world).read(["facts"]).first { $0.kind == .host }
    guard let facts, let found = try? HostFacts(facts) else { return nil }
    let hex = String(image.digest.dropFirst("sha256:".count))
    return found.images.contains(hex)
      ? nil : "image \(image.shortDigest) is no longer there, and the site does not offer it"
  }

  package func leftAsFound(by outcome: SwapOutcome) -> Bool {
    outcome.bots.allSatisfy { [.unchanged, .rolledBack, .refused].contains($0.result) }
  }

  /// A bot that gave no result, of which not even the others tell what it ran before.
  package func leftInDoubt(by outcome: SwapOutcome) -> Bool {
    guard outcome.bots.contains(where: { $0.result == .unknown && $0.before == nil }) else { return false }
    return inverses(of: outcome).count != 1
  }

  /// Where the image is in place and somebody stopped the bot since, what was asked for is done.
  package func shortfall(in outcome: SwapOutcome) -> CallFailure? {
    let bad = outcome.bots.filter { $0.result != .swapped && $0.result != .unchanged }
    guard !bad.isEmpty else { return nil }
    var words = SwapOutcome(host: host.name, bots: bad).complaint
    // On the way back its old image is the one it was to leave.
    if isRestoring {
      words = words.replacing(BotSwap.Result.rolledBack.phrase, with: "stayed on the image it was to leave")
    }
    if bad.contains(where: { $0.result == .unknown }) {
      return CallFailure(.unknownOutcome, code: "change.unknown", message: words)
    }
    if bad.allSatisfy(\.isWithheld) {
      return CallFailure(.refused, .withheld, code: "change.withheld", message: words)
    }
    return CallFailure(.failed, code: "change.failed", message: words)
  }

  package func lapse(in world: World) async throws(CallFailure) -> String? {
    let lost = try await look(in: world).filter { bot in
      bot.digest != image.digest
        || (bot.state != .running && bot.mark == nil && asFound?.contains(bot.name) != true)
    }
    guard let first = lost.first else { return nil }
    let how = first.digest == image.digest ? first.state.rawValue : "no longer on \(image.shortDigest)"
    return "\(NameSet(names: lost.map(\.name)).folded) on \(host.name): \(how)"
  }

  /// A bot that was started on it and did not stay up.
  package func verdict(of outcome: SwapOutcome) -> String? {
    let fallen = outcome.bots.filter { [.rolledBack, .down].contains($0.result) && !$0.log.isEmpty }
    return fallen.isEmpty ? nil : "\(NameSet(names: fallen.map(\.bot)).folded) did not stay up on it"
  }
}
