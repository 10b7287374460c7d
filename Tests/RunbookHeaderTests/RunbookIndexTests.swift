import Foundation
import PrimitiveKit
import RunbookHeader
import Testing

final class RunbookIndexTests {
  private let root = FileManager.default.temporaryDirectory.appendingPathComponent("opsh-\(UUID().uuidString)")

  deinit { try? FileManager.default.removeItem(at: root) }

  private func write(_ text: String, _ name: String) throws {
    let file = root.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  @Test func `runbooks are listed by name with what is wrong with them`() async throws {
    try write(Sample.deploy, "a/deploy.lua")
    try write("return { version = '2.0.0', run = function() end }", "b/deploy.lua")
    try write("return { version = 'x', run = function() end }", "b/reset.lua")
    try write("print 'a script'", "b/script.lua")
    try write("return {", "b/broken.lua")
    try write("return { version = '1.0.0', run = function() end }", "b/.hidden.lua")
    try write("deploy 1.0.0", "b/VERSIONS")
    let folders = ["a", "b", "none"].map { root.appendingPathComponent($0).path }
    let entries = await RunbookIndex(folders: folders, engine: try Sample.engine()).entries()
    #expect(entries.map(\.name) == ["deploy", "reset"])
    #expect(entries[0].header?.version.description == "1.4.0")
    #expect(entries[0].path == "\(folders[0])/deploy.lua")
    #expect(entries[0].sha256 == SHA256(hashing: Sample.deploy.utf8).hex)
    #expect(entries[0].problem == nil)
    #expect(entries[1].header == nil)
    #expect(entries[1].problem?.code == "runbook.header")
  }
}
