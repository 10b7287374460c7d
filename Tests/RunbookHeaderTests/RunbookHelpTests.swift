import Foundation
import Foundations
import PrimitiveKit
import RunbookHeader
import Testing

struct RunbookHelpTests {
  private func snapshot(_ name: String) throws -> String {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Snapshots/\(name)")
    return try String(contentsOf: file, encoding: .utf8)
  }

  @Test func `help shows everything a person needs to call a runbook`() async throws {
    let source = String(Sample.deploy.dropFirst(Sample.deploy.prefix { $0 != "\n" }.count))
    let header = try await RunbookFile.load(source, path: "runbooks/deploy.lua", engine: Sample.engine()).header
    let text = RunbookHelp.text(header, path: "runbooks/deploy.lua", today: CalendarDate("2027-06-01"))
    #expect(text + "\n" == (try snapshot("help-deploy.txt")))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test func `help of a runbook that says nothing is short`() async throws {
    let header = try await Sample.header("{ version = '0.0.1', run = function() end }")
    #expect(RunbookHelp.text(header, path: "a.lua") + "\n" == (try snapshot("help-bare.txt")))
  }
}
