import Foundation
import Journal
import OpshLab
import Testing

/// Somebody who is stopped past the end of their lease must not change anything once somebody else has taken over.
@Suite(.serialized, .timeLimit(.minutes(30)))
struct FencingTests {
  private let work = [Prey.runbook("fenced")]

  @Test func `a holder stopped past its lease changes no host when it goes on`() async throws {
    try await Prey.with(hosts: 3) { prey in
      let syncs = try await Matrix(prey, ways: [work]).syncs[0]
      try prey.reset()
      let sleeper = Sleeper(prey, work, after: syncs / 3)
      #expect(try await sleeper.isAsleep())
      // For the other one two minutes have passed, and the lease has one.
      try await expectFenced(prey, sleeper, other: .clock(120))
    }
  }

  // It had no epoch, and went on changing hosts that another run had taken over.
  @Test func `a holder without a lock in its header changes no host once another run has taken over`() async throws {
    let work = [Prey.runbook("unlocked")]
    try await Prey.with(hosts: 3) { prey in
      let syncs = try await Matrix(prey, ways: [work]).syncs[0]
      try prey.reset()
      let sleeper = Sleeper(prey, work, after: syncs / 2)
      #expect(try await sleeper.isAsleep())
      try await expectFenced(prey, sleeper, work, other: .clock(120))
    }
  }

  // One that is stopped inside a commit keeps the file locked, and the next one has to give up: for `make soak`.
  @Test(.enabled(if: Effort.isWhole))
  func `wherever the holder is stopped, the next one is safe from it`() async throws {
    let every = Effort.number("OPSH_EVERY") ?? (Effort.isWhole ? 1 : 5)
    let progress = SweepProgress()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<Effort.lanes {
        group.addTask {
          try await Prey.with(hosts: 3) { prey in
            let matrix = try await Matrix(prey, ways: [work])
            while let sync = progress.take(Array(stride(from: 1, through: matrix.syncs[0], by: every))) {
              try prey.reset()
              let sleeper = Sleeper(prey, work, after: sync)
              // The last syncs are followed by nothing that is sent.
              guard try await sleeper.isAsleep() else { continue }
              try await expectFenced(prey, sleeper, other: .clock(120))
              progress.add("stopped after sync \(sync)", [])
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(progress.report.points * every >= 20, "\(progress.report)")
  }

  private func expectFenced(_ prey: Prey, _ sleeper: Sleeper, _ work: [String]? = nil, other: Harm) async throws {
    let work = work ?? self.work
    let first = try await prey.newestRun()
    let taken = try await prey.opsh(work + ["who=other"], harm: other)
    // One that is stopped inside a commit keeps the file of the journal locked: nobody takes over, and nothing is lost.
    if taken.errors.contains("was locked by another process for too long") {
      let late = try await sleeper.wake()
      #expect(late.status == 0, "\(late)")
      return
    }
    #expect(taken.status == 0, "\(taken)")
    let hosts = try HostPicture.of(prey)
    let late = try await sleeper.wake()
    try await prey.quiet()
    let changes = try HostPicture.of(prey).differences(from: hosts)
    if try await prey.wasGrantedLate() {
      // It was stopped before it had its lock, and got it once the other was done: all of its work, and in turn.
      #expect(late.status == 0, "\(late)\nthe other: \(taken)")
    } else {
      #expect(changes == [], "\(changes)\n\(late)\nthe other: \(taken)")
    }
    guard let first else { return }
    // Somebody who had done everything has nothing left to be kept from.
    var resumed: Prey.Outcome?
    if late.status != 0 {
      // Refused, or stopped after something had begun.
      #expect(late.status == 6 || late.status == 5, "\(late)")
      // What is left of the first one's work can still be done, once.
      resumed = try await prey.opsh("resume", first.id, harm: other)
      #expect(resumed?.status == 0, "\(late)\n\(String(describing: resumed))")
    }
    let traces = prey.lab.hosts.flatMap { prey.lines(of: "trace", on: $0.name) }.sorted()
    #expect(
      traces == ["first-1", "first-2", "first-3", "first-last", "other"],
      "\(late)\n\(String(describing: resumed))"
    )
    #expect(try prey.starts()["bot3"] == 1, "\(late)\n\(String(describing: resumed))")
    let report = try await prey.withJournal { try await $0.verify() }
    #expect(report.isIntact, "\(report)")
  }
}

extension Prey {
  /// Whether the first run's lock was granted after the other run had ended.
  func wasGrantedLate() async throws -> Bool {
    try await withJournal { journal in
      var granted = Int64.min
      var ended = Int64.max
      for run in try await journal.runs(RunFilter(limit: 10)) {
        let timeline = try await journal.timeline(of: run.id)
        if "\(run.arguments)".contains("other") {
          ended = timeline.last { $0.event == "run.state" }?.seq ?? .max
        } else {
          // Its lease on itself alone locks nothing.
          granted = timeline.first { $0.event == "lock.grant" && $0.body.contains("\"fleet\"") }?.seq ?? .min
        }
      }
      return granted > ended
    }
  }

  /// The lines that commands left in a file of a host.
  func lines(of file: String, on host: String) -> [String] {
    let text = (try? String(contentsOfFile: "\(lab.layout.home(of: host))/\(file)", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map(String.init)
  }
}
