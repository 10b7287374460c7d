import Foundation
import Journal
import JournalSQLite
import PrimitiveKit

/// What a journal says of its newest run, without what differs from run to run by its nature.
struct JournalPicture: Sendable, Equatable {
  private(set) var lines: [String: String] = [:]
  /// What is wrong by itself, whatever another picture says.
  private(set) var faults: [String] = []

  static func of(_ prey: Prey) async throws -> JournalPicture {
    try await prey.withJournal { journal in
      var picture = JournalPicture()
      let report = try await journal.verify()
      picture.faults += report.problems.map { "audit: \($0.kind) \($0.seq): \($0.message)" }
      guard let run = try await journal.runs(RunFilter(limit: 1)).first else { return picture }
      picture.lines["run"] = "\(run.name) \(run.state.rawValue) \(run.exitCode.map(String.init) ?? "no exit code")"
      for step in try await journal.steps(of: run.id) {
        let result = try step.result.map { try OperationCoding().encode($0) } ?? "none"
        picture.lines["step \(step.path)"] =
          "\(step.state) attempt \(step.attempt) \(stable(result)) \(step.failure?.code ?? "")"
      }
      for operation in try await journal.operations(of: run.id) {
        picture.lines["operation \(operation.key)"] =
          "\(operation.state) \(operation.summary) \(stable(operation.outcome ?? "none")) \(operation.failure?.code ?? "")"
      }
      for (key, count) in try await intents(of: run.id, journal) where count != 1 {
        picture.faults.append("intended \(count) times: \(key)")
      }
      return picture
    }
  }

  private static func intents(of run: String, _ journal: Journal) async throws -> [String: Int] {
    var counts: [String: Int] = [:]
    for record in try await journal.timeline(of: run) where record.event == "operation.intend" {
      let body = try JSONSerialization.jsonObject(with: Data(record.body.utf8)) as? [String: Any]
      counts[body?["key"] as? String ?? "unreadable", default: 0] += 1
    }
    return counts
  }

  private static let volatile: Set<String> = [
    "seconds", "pid", "started", "startedAt", "started_at", "heartbeatAge", "heartbeat_age", "uptime", "login",
    "detail",
    "note", "age", "restarts", "duration", "processID", "heartbeat", "run",
  ]

  private static func stable(_ json: String) -> String {
    guard let value = try? JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed) else {
      return json
    }
    let data = try? JSONSerialization.data(withJSONObject: strip(value), options: [.sortedKeys, .fragmentsAllowed])
    return data.map { String(decoding: $0, as: UTF8.self) } ?? json
  }

  private static func strip(_ value: Any) -> Any {
    if let fields = value as? [String: Any] {
      return fields.filter { !volatile.contains($0.key) }.mapValues(strip)
    }
    // In what order hosts come is drawn for each run.
    if let names = value as? [String] { return names.sorted() }
    if let values = value as? [Any] { return values.map(strip) }
    return value
  }

  /// Lines that are not the same in both, and what is wrong here.
  func differences(from other: JournalPicture) -> [String] {
    let lines = Set(lines.keys).union(other.lines.keys).sorted().compactMap { key in
      self.lines[key] == other.lines[key]
        ? nil : "\(key): \(self.lines[key] ?? "nothing") instead of \(other.lines[key] ?? "nothing")"
    }
    return faults + lines
  }
}

extension Prey {
  /// Looks into the journal of this lab; nothing is written.
  func withJournal<Answer: Sendable>(_ body: (Journal) async throws -> Answer) async throws -> Answer {
    let database = try await SQLiteDatabase.open(journalPath, isReadOnly: true)
    let identity = ProcessIdentity.current(version: "test")
    let journal = try await Journal.open(
      database,
      identity: identity,
      anchor: AnchorFile(path: "\(journalPath).anchor")
    )
    do {
      let answer = try await body(journal)
      await database.close()
      return answer
    } catch {
      await database.close()
      throw error
    }
  }

  /// The newest run; nil when none was ever written down.
  func newestRun() async throws -> RunHeader? {
    guard FileManager.default.fileExists(atPath: journalPath) else { return nil }
    do {
      return try await withJournal { journal in
        if let refusal = journal.refusal { throw refusal }
        return try await journal.runs(RunFilter(limit: 1)).first
      }
    } catch let failure as CallFailure where failure.code == "journal.read_only" {
      // Killed before the tables were there, which a reader does not make.
      return nil
    }
  }
}
