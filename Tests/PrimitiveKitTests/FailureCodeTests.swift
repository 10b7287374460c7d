import Foundation
import Testing

/// Codes of failures are for people and for `pcall`: what opsh decides follows from class and mark.
struct FailureCodeTests {
  private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Sources")

  // The one table of codes is for rows that were written before failures had a class.
  private static let exempt = ["CallFailure+Codable.swift"]

  private static let decisions = [
    #"\bcode\??\s*[!=]=\s*""#, #""\s*[!=]=\s*[\w.?]*\bcode\b"#, #"\bcode\??\.(hasPrefix|hasSuffix|starts|contains)\b"#,
    #"\]\s*\.contains\([\w.?]*\bcode\)"#, #"\bCallFailure\.\w+\.code\b"#, #"\.code\s*[~=]=\s*""#,
    #"switch [\w.?]*\bcode\??\s*\{\s*(//[^\n]*\s*)*case (let|"|_ where)"#,
  ]

  @Test func `nothing in the sources decides by the code of a failure`() throws {
    let found = try Self.files().flatMap { file in
      try Self.decisions(in: String(contentsOf: file, encoding: .utf8), file)
    }
    #expect(found == [])
  }

  @Test(arguments: [
    #"if error.code == "journal.corrupt" { throw error }"#, #"guard "a.b" != failure?.code else { return }"#,
    #"code.hasPrefix("journal.")"#, "[\"host.lost\",\n  \"host.timeout\"].contains(failure.code)",
    "switch failure.code {\n  // Why.\n  case \"host.lost\": 1", "failure.code != CallFailure.cancelled.code",
    #"if problem.code ~= "call.cancelled" then"#,
  ])
  func `such a decision would be found`(text: String) throws {
    #expect(try !Self.decisions(in: text, Self.sources).isEmpty)
  }

  private static func decisions(in text: String, _ file: URL) throws -> [String] {
    try decisions.flatMap { pattern in
      try text.matches(of: Regex(pattern).wordBoundaryKind(.simple)).map {
        "\(file.lastPathComponent): \(text[$0.range])"
      }
    }
  }

  private static func files() throws -> [URL] {
    let all = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    let files = all.compactMap { $0 as? URL }
      .filter { ["swift", "lua"].contains($0.pathExtension) && !exempt.contains($0.lastPathComponent) }
    #expect(files.count > 400)
    return files
  }
}
