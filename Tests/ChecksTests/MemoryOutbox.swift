import PrimitiveKit
import Synchronization

@testable import Checks

/// An outbox in memory that several watchers may share; whoever asks first leads until it is taken away.
final class MemoryOutbox: Outbox {
  struct Entry {
    let notice: Notice
    var due: Int64
    var claimedUntil: Int64 = 0
    var attempts = 0
    var problem = ""
    var deliveredAt: Int64?
  }

  private struct State {
    var leader: String?
    var alerts: [Alert.Key: Alert] = [:]
    var entries: [Entry] = []
    var failing = 0
    var silent = 0
  }

  let lease = Duration.seconds(60)
  private let state = Mutex(State())

  var entries: [Entry] { state.withLock { $0.entries } }
  var leader: String? { state.withLock { $0.leader } }

  /// Lets the next so many posts fail.
  func fail(posts: Int) { state.withLock { $0.failing = posts } }

  /// Lets the next so many posts that say something be kept and fail all the same, as when the answer is lost.
  func loseAnswers(posts: Int) { state.withLock { $0.silent = posts } }

  /// Takes the lead away, as when the lease was not renewed.
  func depose() { state.withLock { $0.leader = nil } }

  func lead() async throws(CallFailure) -> LeadAnswer {
    let claim = state.withLock { state -> String? in
      guard state.leader == nil else { return nil }
      state.leader = "watch.\(Int.random(in: 0 ..< .max))"
      return state.leader
    }
    guard let claim else { return .follows("ben@desk") }
    return .leads(
      Lead(
        claim: claim,
        isHeld: { self.leader == claim },
        release: { self.state.withLock { if $0.leader == claim { $0.leader = nil } } }
      )
    )
  }

  func alerts() async throws(CallFailure) -> [Alert] { state.withLock { Array($0.alerts.values) } }

  func post(_ change: AlertChange, by lead: Lead) async throws(CallFailure) {
    let problem = state.withLock { state -> String? in
      if state.failing > 0 {
        state.failing -= 1
        return "the journal does not answer"
      }
      guard state.leader == lead.claim else { return "the lock is lost" }
      for key in change.ended { state.alerts[key] = nil }
      for alert in change.alerts { state.alerts[alert.key] = alert }
      state.entries += change.notices.map { Entry(notice: $0, due: 0) }
      guard state.silent > 0, !change.isEmpty else { return nil }
      state.silent -= 1
      return "the journal does not answer"
    }
    if let problem { throw CallFailure(.journal, code: "journal.unavailable", message: problem) }
  }

  func claim(
    for notifier: String,
    at now: Int64,
    until end: Int64,
    limit: Int,
    by lead: Lead
  ) async throws(CallFailure) -> [ClaimedNotice] {
    state.withLock { state in
      var lines: Set<String> = []
      var claimed: [ClaimedNotice] = []
      for index in state.entries.indices where state.entries[index].notice.notifier == notifier {
        let entry = state.entries[index]
        guard entry.deliveredAt == nil, lines.insert(entry.notice.line).inserted, claimed.count < limit,
          entry.due <= now, entry.claimedUntil <= now
        else { continue }
        state.entries[index].claimedUntil = end
        state.entries[index].attempts += 1
        claimed.append(ClaimedNotice(entry.notice, attempts: entry.attempts))
      }
      return claimed
    }
  }

  func delivered(_ id: String, at now: Int64) async throws(CallFailure) {
    change(id) { $0.deliveredAt = now }
  }

  func undelivered(_ id: String, why: String, until next: Int64) async throws(CallFailure) {
    change(id) { ($0.due, $0.claimedUntil, $0.problem) = (next, 0, why) }
  }

  func backlog() async throws(CallFailure) -> Backlog? {
    state.withLock { state in
      let waiting = state.entries.filter { $0.deliveredAt == nil }
      return Backlog(
        waiting: Dictionary(waiting.map { ($0.notice.notifier, 1) }, uniquingKeysWith: +),
        oldest: Dictionary(waiting.map { ($0.notice.notifier, $0.notice.madeAt) }, uniquingKeysWith: min),
        problem: waiting.map(\.problem).first { !$0.isEmpty } ?? ""
      )
    }
  }

  private func change(_ id: String, _ body: (inout Entry) -> Void) {
    state.withLock { state in
      guard let index = state.entries.firstIndex(where: { $0.notice.id == id }) else { return }
      body(&state.entries[index])
    }
  }
}

extension MemoryOutbox {
  /// The lead; nil when somebody else has it.
  func taken() async throws(CallFailure) -> Lead? {
    if case .leads(let lead) = try await lead() { lead } else { nil }
  }
}

/// A notifier that a test answers for.
final class ScriptedNotifier: Notifier {
  let name: String
  let deadline: Duration
  private let answer: @Sendable (Value) async throws(CallFailure) -> Void
  private let taken = Mutex<[Value]>([])

  init(
    _ name: String,
    deadline: Duration = .seconds(15),
    _ answer: @escaping @Sendable (Value) async throws(CallFailure) -> Void = { _ in }
  ) {
    self.name = name
    self.deadline = deadline
    self.answer = answer
  }

  /// What it took, in order, such as `raised web1`.
  var told: [String] {
    taken.withLock { events in
      events.map { event in
        [event["state"], event["subject"]].compactMap { value in
          if case .string(let text) = value, !text.isEmpty { text } else { nil }
        }.joined(separator: " ")
      }
    }
  }

  func deliver(_ event: Value) async throws(CallFailure) {
    try await answer(event)
    taken.withLock { $0.append(event) }
  }
}
