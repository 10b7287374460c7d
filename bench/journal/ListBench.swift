import Foundation
import Journal
import JournalSQLite
import PrimitiveKit

/// How long listing runs takes in a journal of 10,000.
struct ListBench {
  let directory: String
  let identity: ProcessIdentity

  private static let runs = 10_000
  private static let rounds = 30

  func run() async throws {
    let (journal, database) = try await JournalBench.open("list", in: directory, identity)
    for number in 1...ListBench.runs {
      try await journal.begin(
        RunHeader(
          id: "20261121-\(100_000 + number)-\(String(number * 7919, radix: 16))",
          name: number.isMultiple(of: 3) ? "restart" : "deploy",
          kind: .runbook,
          identity: identity,
          arguments: .table(["speed": .string("routine"), "target": .string("all")]),
          hosts: (1...20).map { "bot\($0)" },
          state: number.isMultiple(of: 50) ? .failed : .ok
        )
      )
    }
    print("| of \(ListBench.runs) runs | median ms | ratio |")
    print("|---|---:|---:|")
    let select = "SELECT id, name, state, started_at FROM runs ORDER BY begun DESC LIMIT 50"
    let bare = try await measure { () async throws(CallFailure) in
      _ = try await database.reading { (session) throws(CallFailure) in try await session.query(select, []) }
    }
    line("four columns of the newest 50", bare, bare)
    line("`runs()`: the newest 50", try await list(journal, RunFilter()), bare)
    line("the newest 50 that failed", try await list(journal, RunFilter(states: [.failed])), bare)
    line("the last of one name", try await list(journal, RunFilter(name: "restart", limit: 1)), bare)
    line("all of them", try await list(journal, RunFilter(limit: ListBench.runs)), bare)
    let whole = try await measure { () async throws(CallFailure) in
      _ = try await journal.runs(RunFilter(limit: ListBench.runs))
    }
    line("all of them, with arguments and hosts", whole, bare)
    let one = try await measure { () async throws(CallFailure) in _ = try await journal.run("20261121-105000") }
    line("one by the beginning of its id", one, bare)
  }

  private func list(_ journal: Journal, _ filter: RunFilter) async throws(CallFailure) -> Samples {
    try await measure { () async throws(CallFailure) in _ = try await journal.summaries(filter) }
  }

  private func measure(_ body: () async throws(CallFailure) -> Void) async throws(CallFailure) -> Samples {
    var samples = Samples()
    for _ in 0..<ListBench.rounds { try await samples.time(body) }
    return samples
  }

  private func line(_ what: String, _ samples: Samples, _ bare: Samples) {
    print("| \(what) |" + String(format: " %.2f | %.1f |", samples.median / 1000, samples.median / bare.median))
  }
}
