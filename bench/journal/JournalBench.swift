import Foundation
import Journal
import JournalSQLite
import PrimitiveKit

/// Measures a journal on this machine's disk and prints Markdown: `journal-bench [DIRECTORY]`.
@main
struct JournalBench {
  static func main() async throws {
    let parent = CommandLine.arguments.dropFirst().first ?? NSTemporaryDirectory()
    let scratch = "\(parent)/journal-bench-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    let identity = ProcessIdentity.current(version: "bench", digest: String(repeating: "0", count: 64))
    try await OverheadBench(directory: scratch, identity: identity).run()
    try await SizeBench(directory: scratch, identity: identity).run()
    try await ListBench(directory: scratch, identity: identity).run()
  }

  /// A journal in a file of its own.
  static func open(
    _ name: String,
    in directory: String,
    _ identity: ProcessIdentity
  ) async throws(CallFailure) -> (Journal, SQLiteDatabase) {
    let path = "\(directory)/\(name).journal"
    let database = try await SQLiteDatabase.open(path)
    return (try await Journal.open(database, identity: identity, anchor: AnchorFile(path: path + ".anchor")), database)
  }

  /// The bytes of a file.
  static func size(_ path: String) -> Int {
    (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
  }
}
