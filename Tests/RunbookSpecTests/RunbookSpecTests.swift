import Foundation
import Journal
import OpshTesting
import PrimitiveKit
import Runbooks
import Runs
import Testing

/// Holds the shipped runbooks to their specs: real engine, real journal, pretend fleet.
struct RunbookSpecTests {
  @Test(arguments: ["deploy", "exec", "restart", "rollback"])
  func `a shipped runbook does what its spec says`(runbook: String) async throws {
    let cases = try await SpecFile.cases(of: runbook)
    #expect(!cases.isEmpty, "the spec of \(runbook) has no cases")
    for given in cases { try await check(given) }
  }

  @Test func `every shipped runbook has a spec`() throws {
    let folder = SpecFile.root.appendingPathComponent("runbooks").path(percentEncoded: false)
    let books = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".lua") }
    #expect(books.map { String($0.dropLast(4)) }.sorted() == (try SpecFile.names()))
  }

  private func check(_ given: SpecCase) async throws {
    let run = try await SpecRun.run(given)
    let what = Comment(rawValue: given.testDescription + "\n" + run.dialogue.text)
    switch (run.result, given.failure) {
    case (.success, nil): break
    case (.success, let failure?): Issue.record("it should have failed with \(failure): \(what)")
    case (.failure(let failure), nil): Issue.record("it failed: \(failure.code): \(failure.message): \(what)")
    case (.failure(let failure), let expected?):
      #expect(failure.code == expected.code, what)
      #expect(failure.message.contains(expected.message), "\(failure.message): \(what)")
    }
    if let calls = given.calls { #expect(run.calls.changes == calls, what) }
    if let steps = given.steps { #expect(run.steps.map { "\($0.path): \($0.state.rawValue)" } == steps, what) }
    if let state = given.state { #expect(run.header?.state.rawValue == state, what) }
    if let expected = given.result {
      guard case .success(let result) = run.result else { return }
      for (name, value) in expected { #expect(result.value[name] == value, "\(name): \(what)") }
    }
    for (name, value) in given.plan ?? [:] { #expect(run.plan?.value[name] == value, "\(name): \(what)") }
    for note in given.notes {
      #expect(run.plan?.notes?.contains { $0.contains(note) } == true, "\(run.plan?.notes ?? []): \(what)")
    }
  }
}
