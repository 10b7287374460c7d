import Foundation
import Testing

/// Phrases that no message, help text or page may have, each with a better one.
private let translated = [
  ("goes on with", "continues"), ("went on with", "continued"), ("let go of", "detached"), ("lets go of", "detaches"),
  ("nobody knows", "unknown"), ("as wished", "as requested"), ("there is none", "no …"), ("put it right", "fix it"),
  ("written down", "recorded"), ("writes down", "records"), ("carried out", "run, applied"),
  ("carries out", "runs, applies"), ("came of it", "its outcome"), ("became of", "the outcome of"),
  ("ended well", "succeeded"), ("ends well", "succeeds"), ("looks again and again", "polls"),
  ("says no", "failed"), ("said no", "failed"), ("has no use for", "unexpected"), ("of another kind", "the wrong type"),
  ("a defect of opsh", "a bug in opsh"), ("gives back", "releases"), ("one record a ", "one record per"),
  ("enough of it", "a unique part of it"), ("is good for", "is valid for"), ("does not hold:", "is not valid:"),
  ("where it stands", "its state"), ("for practice:", "as a drill"), ("out of step", "unexpected data"),
]

/// What comments may not say either: whoever works on opsh reads them.
private let inComments = [
  "goes on with", "went on with", "lets go of", "nobody knows", "there is none", "says nothing of", "written down",
  "writes down", "carried out", "carries out", "came of it", "became of", "ended well",
]

/// Where operators read words of ours; test fixtures and comments in Swift are not among them.
private let places = ["Sources", "runbooks", "lua", "plugins", "docs", "README.md", "CHANGELOG.md"]

private let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

private func files() throws -> [URL] {
  try places.flatMap { place throws -> [URL] in
    let url = root.appending(path: place)
    guard url.pathExtension.isEmpty else { return [url] }
    let names = try FileManager.default.subpathsOfDirectory(atPath: url.path)
    return names.map { url.appending(path: $0) }.filter { ["swift", "lua", "sh", "md"].contains($0.pathExtension) }
  }
}

private func isComment(_ line: Substring, in file: URL) -> Bool {
  let text = line.drop { $0 == " " }
  return switch file.pathExtension {
  case "swift": text.hasPrefix("//")
  case "lua": text.hasPrefix("--")
  case "sh": text.hasPrefix("#")
  default: false
  }
}

@Suite struct WordingTests {
  @Test func `no message, help text or page reads as translated`() throws {
    let files = try files()
    #expect(files.count > 500, "the sources are read")
    for file in files {
      let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
      for (number, line) in lines.enumerated() where !isComment(line, in: file) {
        let text = line.lowercased()
        for (phrase, better) in translated where text.contains(phrase) {
          Issue.record("\(file.path.dropFirst(root.path.count + 1)):\(number + 1) says '\(phrase)'; better: \(better)")
        }
      }
    }
  }

  @Test func `no comment reads as translated`() throws {
    var count = 0
    for file in try files() where file.pathExtension == "swift" {
      let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
      for (number, line) in lines.enumerated() where isComment(line, in: file) {
        count += 1
        let text = line.lowercased()
        for phrase in inComments where text.contains(phrase) {
          Issue.record("\(file.path.dropFirst(root.path.count + 1)):\(number + 1) says '\(phrase)'")
        }
      }
    }
    #expect(count > 1000, "the comments are read")
  }

  @Test func `a summary of a command begins with a verb in the third person`() throws {
    let page = try String(contentsOf: root.appending(path: "docs/commands.md"), encoding: .utf8)
    let summaries = page.split(separator: "\n").filter { $0.hasPrefix("| [`opsh") }
    #expect(!summaries.isEmpty)
    for summary in summaries {
      let verb = summary.split(separator: "|").dropFirst().first?.split(separator: " ").first ?? ""
      #expect(verb.hasSuffix("s"), "\(summary)")
    }
  }
}
