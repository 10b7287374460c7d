import Foundation
import Foundations
import PrimitiveKit
import Synchronization

/// Measures checks on their schedules, and tells of what they find: what `opsh watch` does.
///
/// Of several on one journal only one watches; the others take over when it is gone.
struct Watcher: Sendable {
  /// How long until it is asked again whether somebody else still watches.
  static let patience = Duration.seconds(5)
  /// How often it is recorded that it watches.
  static let pulse = Duration.seconds(15)

  let surroundings: Surroundings
  let checks: [JudgedCheck]
  /// Ends after one look at each check, and one try to deliver what waits.
  var isOnce = false

  private let book: WatchBook
  private let runner: CheckRunner
  private let looks = Looks()

  /// When each check was measured since that was recorded last, in seconds since 1970.
  private final class Looks: Sendable {
    let times = Mutex<[String: Double]>([:])
  }

  init(_ surroundings: Surroundings, _ checks: [JudgedCheck], isOnce: Bool = false) {
    self.surroundings = surroundings
    self.checks = checks
    self.isOnce = isOnce
    book = WatchBook(surroundings)
    runner = CheckRunner(surroundings)
  }

  /// Watches until it is cancelled, which is no failure.
  ///
  /// Only when it looks once it throws: `journal.*`, and `watch.taken` if another one watches for as long as a lease lasts.
  func run() async throws(CallFailure) {
    var before = ""
    let elapsed = surroundings.world.clock.stopwatch()
    while !Task.isCancelled {
      let said: String
      do throws(CallFailure) {
        switch try await surroundings.outbox.lead() {
        case .leads(let lead):
          let ending = await CallFailure.result { () async throws(CallFailure) in try await watch(lead) }
          let isWhole = lead.isHeld()
          // Given back whatever happens: a cancelled task could write nothing any more.
          await Task { await lead.release() }.value
          try ending.get()
          if isOnce, !isWhole, !Task.isCancelled { throw Watcher.lost }
          if isOnce || Task.isCancelled { return }
          said = "somebody else watches by now, or the journal does not answer"
        case .follows(let name):
          if isOnce, elapsed() >= surroundings.outbox.lease { throw Watcher.taken(by: name) }
          said = "\(name) watches; waiting to \(isOnce ? "look" : "take over")"
        }
      } catch {
        if isOnce { throw error }
        if Task.isCancelled { return }
        said = error.message
      }
      if said != before { surroundings.dialogue.say("opsh watch: \(said)") }
      before = said
      guard await pause(Watcher.patience) else { return }
    }
  }

  private static let lost = CallFailure(
    .refused,
    code: "watch.taken",
    message: "another process watches by now, or the journal did not answer; not everything was measured",
    hint: "look again"
  )

  private static func taken(by name: String) -> CallFailure {
    CallFailure(
      .refused,
      code: "watch.taken",
      message: "\(name) watches; nothing was measured",
      hint: "one `opsh watch` at a time measures for a journal; let that one watch these checks, too"
    )
  }

  private func watch(_ lead: Lead) async throws(CallFailure) {
    try await book.open(lead)
    let sender = NoticeSender(surroundings, lead)
    if !isOnce {
      let count = checks.count == 1 ? "1 check" : "\(checks.count) checks"
      surroundings.dialogue.say("opsh watch: watching \(count)")
      await sender.sayStranded()
    }
    await withTaskGroup(of: Void.self) { group in
      for check in checks { group.addTask { await look(at: check, lead) } }
      if isOnce {
        await group.waitForAll()
        await beat()
        await sender.sendOnce()
        return
      }
      group.addTask { await sender.run() }
      group.addTask { await pulse(lead) }
      while lead.isHeld(), await pause(.seconds(1)) {}
      group.cancelAll()
    }
    guard isOnce, !Task.isCancelled else { return }
    try await book.requireKept()
    try await sender.requireDelivered()
  }

  private func look(at check: JudgedCheck, _ lead: Lead) async {
    let every = check.declaration.every
    let elapsed = surroundings.world.clock.stopwatch()
    var next = Duration.zero
    while !Task.isCancelled, lead.isHeld() {
      if let findings = try? await runner.findings(of: [check]), lead.isHeld() {
        looks.times.withLock { $0[check.declaration.name] = time }
        await book.take(findings, of: check.declaration.name, lead)
      }
      if isOnce { return }
      // What took longer than the time between two looks is not caught up with.
      repeat { next += every } while next <= elapsed()
      guard await pause(next - elapsed()) else { return }
    }
  }

  private func pulse(_ lead: Lead) async {
    // The first look at each check comes before.
    while await pause(Watcher.pulse), lead.isHeld() { await beat() }
  }

  /// What `watch.age` reads; what cannot be recorded shows there.
  private func beat() async {
    let looked = looks.times.withLock { times in
      defer { times = [:] }
      return times
    }
    let times = looked.merging(["": time]) { $1 }
    let samples = times.map { CheckSample(WatchAge.key, $0.key, CheckReading(1, at: $0.value)) }
    do throws(CallFailure) {
      try await surroundings.memory.keep(samples)
    } catch {
      looks.times.withLock { $0.merge(looked) { newer, _ in newer } }
    }
  }

  private var time: Double { surroundings.world.now().timeIntervalSince1970 }

  /// False when the task is cancelled.
  private func pause(_ time: Duration) async -> Bool {
    (try? await surroundings.world.clock.sleep(for: time)) != nil && !Task.isCancelled
  }
}
