import Foundation
import OpshTesting
import Testing

/// Follows `docs/plugins.md` from an empty folder to its end, as a stranger does.
@Suite(.timeLimit(.minutes(5)))
struct PluginPageTests {
  @Test func `every example of the page about plugins does what it says`() async throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../docs/plugins.md").standardizedFileURL
    let page = DocumentPage(try String(contentsOf: file, encoding: .utf8))
    let console = page.blocks.count { if case .file = $0 { false } else { true } }
    #expect(console >= 8 && page.blocks.count - console >= 5, "the page has lost its examples")
    let directory = RealFleet.scratch()
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try await PageReader(directory: directory, environment: PageReader.environment(home: directory)).read(page)
  }
}
