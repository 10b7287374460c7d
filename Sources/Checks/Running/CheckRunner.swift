import Foundation
import Foundations
import PrimitiveKit

/// Measures several checks side by side.
struct CheckRunner: Sendable {
  /// Checks of one plugin or system that are measured at once; each may reach every host.
  static let limit = 8
  /// How long a check counts among them: those that hang for longer must not keep the others from being measured.
  static let turn = Duration.seconds(30)
  /// The longest that code of others may put off the deadline of a check.
  static let longestHold = Duration.seconds(30)

  private let surroundings: Surroundings
  private let turns = FamilyTurns(limit: CheckRunner.limit)

  /// What checks of hosts may ask of one host at once is counted for all checks of this runner together.
  init(_ surroundings: Surroundings) {
    var own = surroundings
    own.hostTurns = HostTurns()
    self.surroundings = own
  }

  /// What they find, the worst first; a check that fails or takes too long is UNKNOWN.
  ///
  /// Throws `call.cancelled` on Ctrl-C, and nothing else.
  func findings(of checks: [JudgedCheck]) async throws(CallFailure) -> [Finding] {
    let watched = surroundings.watchedChecks
    let found = await checks.concurrentMap(limit: max(1, checks.count)) { check in
      let turn = await turns.take(for: check.declaration.name)
      defer { turn.pass() }
      return await look(at: check, turn, isWatched: watched.contains(check.declaration.name))
    }
    if Task.isCancelled { throw .cancelled }
    await keep(found.flatMap(\.samples))
    return found.flatMap(\.findings).sorted(by: Finding.isWorse)
  }

  private struct Found: Sendable {
    var findings: [Finding]
    var samples: [CheckSample] = []
  }

  private func look(at check: JudgedCheck, _ turn: WorkTurn, isWatched: Bool) async -> Found {
    if Task.isCancelled { return Found(findings: []) }
    if let problem = check.problem { return Found(findings: [check.unknown(problem.message)]) }
    let asked = time
    let name = check.declaration.name
    let measured: [Measured]
    var kept: [String: CheckSample] = [:]
    do throws(CallFailure) {
      if check.declaration.growth != nil {
        let samples = try await surroundings.memory.samples(of: name)
        kept = Dictionary(samples.map { ($0.subject, $0) }, uniquingKeysWith: { one, _ in one })
      }
      measured = try await answer(check, turn)
    } catch {
      return Found(findings: [check.unknown(error.message)])
    }
    guard !measured.isEmpty else { return Found(findings: [check.unknown("nothing was measured")]) }
    var found = judge(measured, check, asked: asked, kept)
    if isWatched, found.findings.contains(where: { $0.level != .unknown }) {
      found.samples.append(CheckSample(DeadMan.key(of: name), "", CheckReading(1, at: time)))
    }
    return found
  }

  private func judge(
    _ measured: [Measured],
    _ check: JudgedCheck,
    asked: Double,
    _ kept: [String: CheckSample]
  ) -> Found {
    let now = time
    // Two values of one subject contradict each other, however they are judged.
    let counts = Dictionary(measured.map { ($0.subject ?? "", 1) }, uniquingKeysWith: +)
    var found = Found(findings: [])
    var seen: Set<String> = []
    for measured in measured where seen.insert(measured.subject ?? "").inserted {
      let subject = measured.subject ?? ""
      if let count = counts[subject], count > 1 {
        let why =
          subject.isEmpty
          ? "it answered \(count) measurements without a `subject`; give each its own"
          : "it answered \(count) measurements of '\(subject)'; give each a `subject` of its own"
        found.findings.append(check.unknown(why + check.place, subject: measured.subject))
        continue
      }
      guard let period = check.declaration.growth else {
        found.findings.append(check.finding(measured, asked: asked, now: now))
        continue
      }
      let at = measured.at ?? asked
      // What a wrong clock says must not be what later samples are compared with, nor can every time be kept.
      guard at <= now + JudgedCheck.aheadLimit, now - at < JudgedCheck.ageLimit else {
        found.findings.append(check.finding(measured, asked: asked, now: now))
        continue
      }
      let name = check.declaration.name
      let (grown, sample) = Growth(period: period).measured(measured, at: at, after: kept[subject], of: name)
      found.findings.append(check.finding(grown, asked: asked, now: now))
      if let sample { found.samples.append(sample) }
    }
    return found
  }

  /// A dry run writes nothing; what cannot be kept is said, and the findings are as good without it.
  private func keep(_ samples: [CheckSample]) async {
    guard !samples.isEmpty, !surroundings.options.isDryRun else { return }
    do throws(CallFailure) {
      try await surroundings.memory.keep(samples)
    } catch {
      surroundings.dialogue.say("checks: what was measured could not be kept for the next time: \(error.message)")
    }
  }

  private var time: Double { surroundings.world.now().timeIntervalSince1970 }

  /// The measurements, or why there are none within the deadline.
  ///
  /// While code of others keeps the thread that a check runs on its time does not pass.
  /// A check that ignores its cancellation is left behind: waiting for it would be the silence that it is to break.
  private func answer(_ check: JudgedCheck, _ turn: WorkTurn) async throws(CallFailure) -> [Measured] {
    let (surroundings, deadline) = (surroundings, check.declaration.deadline)
    let (answers, answered) = AsyncStream.makeStream(of: Result<[Measured], CallFailure>.self)
    let work = Task {
      answered.yield(
        await CallFailure.result { () async throws(CallFailure) in
          try await check.check.measure(CheckCall(surroundings, within: deadline))
        }
      )
    }
    let limit = Task {
      var hold = ThreadHold(check.check)
      var wait = deadline
      if deadline > CheckRunner.turn {
        guard (try? await surroundings.world.clock.sleep(for: CheckRunner.turn)) != nil else { return }
        turn.pass()
        wait -= CheckRunner.turn
      }
      repeat {
        guard (try? await surroundings.world.clock.sleep(for: wait)) != nil else { return }
        wait = hold.more()
      } while wait > .zero
      let from = check.check.origin.map { " from \($0())" } ?? ""
      let message = "no answer within \(deadline.limit)\(from)\(hold.words)"
      answered.yield(.failure(CallFailure(.unavailable, code: "check.deadline", message: message)))
    }
    defer {
      work.cancel()
      limit.cancel()
    }
    for await answer in answers { return try answer.get() }
    throw .cancelled
  }
}
