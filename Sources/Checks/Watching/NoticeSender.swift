import Foundations
import PrimitiveKit
import Synchronization

/// Delivers what waits in the outbox: at least once, of each subject in order, again and again until it was taken.
final class NoticeSender: Sendable {
  /// How long it looks away when nothing waits.
  static let pause = Duration.seconds(2)
  /// Notices that one notifier is handed at once.
  static let limit = 4

  private let surroundings: Surroundings
  private let lead: Lead
  private let names: [String]
  /// Notifiers that took nothing at their last try.
  private let failing = Mutex<Set<String>>([])

  init(_ surroundings: Surroundings, _ lead: Lead) {
    self.surroundings = surroundings
    self.lead = lead
    // Those that no route names any more, too: what was routed to them before is theirs.
    names = surroundings.notifiers.names
  }

  /// How long until a notice is tried again after so many tries in vain: 5 s, twice as long each time, at most 10 min.
  static func delay(after attempts: Int) -> Duration { min(.seconds(5) * (1 << min(attempts, 10)), .seconds(600)) }

  /// Until the lead is lost or the task is cancelled; notifiers do not wait for each other.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      for name in names {
        group.addTask {
          while !Task.isCancelled, self.lead.isHeld() {
            if await self.send(to: name) > 0 { continue }
            guard (try? await self.surroundings.world.clock.sleep(for: NoticeSender.pause)) != nil else { return }
          }
        }
      }
    }
  }

  /// Tries everything that waits once.
  func sendOnce() async {
    await withTaskGroup(of: Void.self) { group in
      for name in names { group.addTask { while await self.send(to: name) > 0, !Task.isCancelled {} } }
    }
    await sayStranded()
  }

  /// Throws `watch.undelivered` where something waits for a notifier that the site still has, or that a route names.
  func requireDelivered() async throws(CallFailure) {
    guard let backlog = try await surroundings.outbox.backlog() else { return }
    let stranded = backlog.stranded(in: surroundings)
    let waiting = backlog.waiting.filter { $0.value > 0 && !stranded.contains($0.key) }
    guard !waiting.isEmpty else { return }
    let counts = waiting.sorted { $0.key < $1.key }.map { "\($0.value.counted("notice")) to \($0.key)" }
    let why = backlog.problem.isEmpty ? "" : ": \(backlog.problem)"
    throw .undelivered("not delivered: \(counts.joined(separator: ", "))\(why)")
  }

  /// Says what waits for notifiers that do not exist any more.
  func sayStranded() async {
    guard let backlog = try? await surroundings.outbox.backlog() else { return }
    for name in backlog.stranded(in: surroundings) {
      let count = backlog.waiting[name] ?? 0
      let what = count == 1 ? "1 notice waits" : "\(count) notices wait"
      surroundings.dialogue.say("notify \(name): \(what), and the site has no such notifier")
    }
  }

  /// Hands a notifier what is due; answers how much that was.
  private func send(to name: String) async -> Int {
    guard let notifier = surroundings.notifiers[name], lead.isHeld(), !Task.isCancelled else { return 0 }
    let now = surroundings.milliseconds
    // Beyond the deadline, so that nobody else sends what is still under way here.
    let end = now + (notifier.deadline + .seconds(30)).milliseconds
    let claimed: [ClaimedNotice]
    do throws(CallFailure) {
      claimed = try await surroundings.outbox.claim(
        for: name,
        at: now,
        until: end,
        limit: NoticeSender.limit,
        by: lead
      )
    } catch {
      return 0
    }
    _ = await claimed.concurrentMap(limit: NoticeSender.limit) { await self.deliver($0, notifier) }
    return claimed.count
  }

  private func deliver(_ claimed: ClaimedNotice, _ notifier: any Notifier) async {
    let id = claimed.notice.id
    do throws(CallFailure) {
      try await handOver(claimed.notice.event, notifier)
      // Even if cancelled meanwhile: what was delivered is not to be sent again.
      await shielded { [outbox = surroundings.outbox, now = surroundings.milliseconds] in
        _ = try? await outbox.delivered(id, at: now)
      }
      if failing.withLock({ $0.remove(notifier.name) }) != nil {
        surroundings.dialogue.say("notify \(notifier.name): delivers again")
      }
    } catch {
      let next = surroundings.milliseconds + NoticeSender.delay(after: claimed.attempts).milliseconds
      await shielded { [outbox = surroundings.outbox] in
        _ = try? await outbox.undelivered(id, why: error.message, until: next)
      }
      guard !Task.isCancelled, failing.withLock({ $0.insert(notifier.name).inserted }) else { return }
      surroundings.dialogue.say("notify \(notifier.name): \(error.message); tried again until it is delivered")
    }
  }

  /// Throws `notifier.deadline` when a notifier has not answered a while after its own deadline, which it should keep itself.
  private func handOver(_ event: Value, _ notifier: any Notifier) async throws(CallFailure) {
    let clock = surroundings.world.clock
    let (answers, answered) = AsyncStream.makeStream(of: Result<Void, CallFailure>.self)
    let work = Task {
      answered.yield(await CallFailure.result { () async throws(CallFailure) in try await notifier.deliver(event) })
    }
    let limit = Task {
      guard (try? await clock.sleep(for: notifier.deadline + .seconds(5))) != nil else { return }
      answered.yield(
        .failure(
          CallFailure(
            .failed,
            code: "notifier.deadline",
            message: "it did not answer within \(notifier.deadline.limit)"
          )
        )
      )
    }
    defer {
      work.cancel()
      limit.cancel()
    }
    for await answer in answers { return try answer.get() }
    throw .cancelled
  }

  private func shielded(_ work: @escaping @Sendable () async -> Void) async { await Task { await work() }.value }
}
