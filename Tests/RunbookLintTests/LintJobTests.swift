import Foundation
import Testing

@testable import RunbookLint
@testable import Runbooks

struct LintJobTests {
  @Test func `lint knows the methods and options of a job as job.lua has them`() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources/Runbooks/Job/job.lua").standardizedFileURL
    let parts = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\nfunction methods.").dropFirst()
    var found: [String: Set<String>] = [:]
    for part in parts {
      let name = String(part.prefix { $0.isLetter })
      let body = part.components(separatedBy: "\nend\n")[0]
      let words = body.components(separatedBy: " = true").dropLast()
      found[name] = Set(words.map { String($0.reversed().prefix { $0.isLetter || $0 == "_" }.reversed()) })
    }
    // A hold says that it was released.
    found["hold"]?.remove("released")
    #expect(found == LintJob.options.mapValues { Set($0) })
  }
}
