import Foundation
import Journal
import JournalSQLite
import PrimitiveKit

/// How large a journal is after one run over 534 bots.
struct SizeBench {
  let directory: String
  let identity: ProcessIdentity

  private static let operations = 534

  func run() async throws {
    let (journal, database) = try await JournalBench.open("size", in: directory, identity)
    let path = database.path
    try await write(journal)
    await database.close()
    let size = JournalBench.size(path)

    let reopened = try await SQLiteDatabase.open(path)
    let other = try await Journal.open(reopened, identity: identity)
    let rows = try await other.operations(of: "run")
    let text = rows.reduce(0) {
      $0 + $1.text.utf8.count + ($1.outcome?.utf8.count ?? 0) + ($1.inverse?.text.utf8.count ?? 0)
    }
    var verify = Samples()
    try await verify.time { () async throws(CallFailure) in _ = try await other.verify() }
    let count = SizeBench.operations
    print("| a run of \(count) operations | KB | bytes an operation | ratio |")
    print("|---|---:|---:|---:|")
    print("| operations, outcomes and inverses as JSON | \(text / 1024) | \(text / count) | 1.00 |")
    print(
      String(
        format: "| the journal: rows, indices and audit chain | %d | %d | %.2f |",
        size / 1024,
        size / count,
        Double(size) / Double(text)
      )
    )
    print(String(format: "\nVerifying its audit chain took %.1f ms.\n", verify.median / 1000))
  }

  private func write(_ journal: Journal) async throws(CallFailure) {
    let hosts = (1...178).map { "bot\($0)" }
    try await journal.begin(RunHeader(id: "run", name: "deploy", kind: .runbook, identity: identity, hosts: hosts))
    let run = Run(id: "run", world: .bench, holding: HoldsEverything(), record: journal.record(of: "run", claim: nil))
    for number in 1...SizeBench.operations { _ = try await run.perform(SwapLike(number)) }
    try await journal.update("run", state: .ok, reason: nil, exitCode: 0)
  }
}
