import Foundation
import Journal
import PrimitiveKit

extension Matrix {
  /// Lets storms come over the work, one process after the other, until it has come to its end in fair weather.
  ///
  /// Attempts and operations may be more than in an undisturbed run, effects may not. Answers what is not as it should be.
  func weather(way: Int, _ storms: [Storm]) async throws -> [String] {
    try prey.reset()
    var story: [String] = []
    var storms = storms[...]
    var status: Int32?
    for _ in 0..<12 {
      let run = try await prey.newestRun()
      if let run, run.state == .ok, run.exitCode == 0, run.kind == .runbook || status == 0 {
        return try await judge(way, story)
      }
      // A deploy that left hosts out, or was stopped by its budget or its gate, is over; a new one goes on from what is
      // there.
      let ends: Set<RunState> =
        run?.kind == .call
        ? [.ok, .partial, .failed, .halted, .cancelled]
        : [.ok, .partial, .cancelled]
      let isOver = run.map { ends.contains($0.state) } ?? true
      let words = isOver ? ways[way] : ["resume", run?.id ?? ""]
      let storm = storms.popFirst()
      let outcome = try await start(words, in: storm, way: way)
      status = outcome.status
      story.append("\(words.prefix(2)) under \(storm.map(\.description) ?? "nothing"): \(outcome)")
    }
    return ["it does not come to an end"] + (try await judge(way, story))
  }

  private func start(_ words: [String], in storm: Storm?, way: Int) async throws -> Prey.Outcome {
    guard let storm else { return try await prey.opsh(words) }
    async let strike: Void = storm.strike(prey, within: durations[way])
    let outcome = try await prey.opsh(words, harm: storm.harm(syncs: syncs[way]))
    try await strike
    return outcome
  }

  private func judge(_ way: Int, _ story: [String]) async throws -> [String] {
    try await prey.quiet()
    // What is held is given back by a run that stops, and taken again.
    var wrong = try HostPicture.of(prey).differences(from: expectedHosts(way)).filter { !$0.hasPrefix("web001/holds:") }
    let holds = prey.lines(of: "holds", on: "web001")
    if holds != (0..<holds.count).map({ $0.isMultiple(of: 2) ? "hold" : "release" }) { wrong.append("\(holds)") }
    wrong += try await prey.withJournal { journal in
      var wrong = try await journal.verify().problems.map { "audit: \($0.message)" }
      for run in try await journal.runs(RunFilter(limit: 50)) where run.state.isThrough || run.state == .unknown {
        for operation in try await journal.operations(of: run.id) where [.open, .unknown].contains(operation.state) {
          wrong.append(
            "\(operation.state) in a run that is \(run.state): \(operation.key): \(operation.failure?.message ?? "")"
          )
        }
        let steps = try await journal.steps(of: run.id)
        let done = Set(steps.filter { $0.state == .ok }.map { Matrix.withoutAttempts($0.path) })
        for step in steps where step.state != .ok && !done.contains(Matrix.withoutAttempts(step.path)) {
          wrong.append("step \(step.path) is \(step.state)")
        }
      }
      return wrong
    }
    return wrong.isEmpty ? [] : wrong + story
  }

  /// A step inside one that was tried again has a path with the attempt in it.
  private static func withoutAttempts(_ path: String) -> String { path.replacing(/~[0-9]+/, with: "") }
}
