import Foundation
import Journal
import JournalSQLite
import PrimitiveKit

/// What writing one operation down costs: an intent and an end, durable both.
struct OverheadBench {
  let directory: String
  let identity: ProcessIdentity

  private static let rounds = 2000

  func run() async throws {
    let (journal, _) = try await JournalBench.open("overhead", in: directory, identity)
    try await journal.begin(RunHeader(id: "run", name: "deploy", kind: .runbook, identity: identity))
    let run = Run(id: "run", world: .bench, holding: HoldsEverything(), record: journal.record(of: "run", claim: nil))
    let bare = try await SQLiteDatabase.open("\(directory)/bare.sqlite")
    try await bare.transaction { (session) throws(CallFailure) in
      _ = try await session.query("CREATE TABLE rows(id BIGINT PRIMARY KEY, words TEXT)", [])
    }
    let words = DatabaseValue.text(String(repeating: "x", count: 500))
    var own = Samples()
    var peer = Samples()
    for round in 0..<OverheadBench.rounds {
      try await own.time { () async throws(CallFailure) in _ = try await run.perform(SwapLike(round + 1)) }
      try await peer.time { () async throws(CallFailure) in
        for half in 0...1 {
          try await bare.transaction { (session) throws(CallFailure) in
            _ = try await session.query("INSERT INTO rows VALUES ($1, $2)", [.int(Int64(round * 2 + half)), words])
          }
        }
      }
    }
    print("| \(OverheadBench.rounds) operations in turns | median µs | 95 % below µs | ratio |")
    print("|---|---:|---:|---:|")
    print(String(format: "| two commits of one row each | %.0f | %.0f | 1.00 |", peer.median, peer.quantile(0.95)))
    print(
      String(
        format: "| intent and end in the journal | %.0f | %.0f | %.2f |",
        own.median,
        own.quantile(0.95),
        own.ratio(to: peer)
      )
    )
    print("")
  }
}
