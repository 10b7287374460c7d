import Foundation
import Specs
import Testing

/// Holds the shipped runbooks to their specs: real engine, real journal, pretend fleet.
struct RunbookSpecTests {
  @Test(arguments: ["deploy", "exec", "restart", "rollback"])
  func `a shipped runbook does what its spec says`(runbook: String) async throws {
    let result = await (try OwnSpecs.setting()).run("\(OwnSpecs.folder)/\(runbook)_spec.lua")
    #expect(result.isPassed, "\(SpecReport([result]).text)")
    #expect(!result.outcomes.isEmpty, "the spec of \(runbook) has no cases")
  }

  @Test func `every shipped runbook has a spec`() throws {
    let books = try FileManager.default.contentsOfDirectory(atPath: "\(OwnSpecs.root)/runbooks")
      .filter { $0.hasSuffix(".lua") }.map { "\($0.dropLast(4))_spec.lua" }
    #expect(books.sorted() == (try FileManager.default.contentsOfDirectory(atPath: OwnSpecs.folder)).sorted())
  }
}
