import Foundation
import OpshLab
import OpshTesting
import Testing

/// Runs `docs/runbooks.md` from its first example to its last, as a newcomer does.
@Suite(.timeLimit(.minutes(10)))
struct RunbookPageTests {
  @Test func `every example of the page about runbooks does what it says`() async throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../docs/runbooks.md").standardizedFileURL
    let page = DocumentPage(try String(contentsOf: file, encoding: .utf8))
    #expect(page.blocks.count >= 38, "the page has lost examples")
    try await RealFleet.with(hosts: 3) { fleet in
      let directory = try #require(fleet.opsh.home) + "/work"
      try FileManager.default.createDirectory(atPath: directory + "/runbooks", withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: fleet.lab.site, toPath: directory + "/site.lua")
      let plugins = (fleet.lab.site as NSString).deletingLastPathComponent + "/plugins"
      try FileManager.default.copyItem(atPath: plugins, toPath: directory + "/plugins")
      // The page has a runbook of opsh's own, too.
      let deploy = file.deletingLastPathComponent().appendingPathComponent("../runbooks/deploy.lua").standardizedFileURL
      try FileManager.default.copyItem(
        atPath: deploy.path(percentEncoded: false),
        toPath: directory + "/runbooks/deploy.lua"
      )
      try await PageReader(directory: directory, environment: PageReader.environment(home: fleet.opsh.home)).read(page)
    }
  }
}
