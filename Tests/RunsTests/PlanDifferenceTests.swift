import Foundation
import Journal
import PrimitiveKit
import Runs
import Testing

/// What is said of a plan that does not hold because an operation of it is made of something else.
struct PlanDifferenceTests {
  private func address(_ address: String) -> HostAddress {
    HostAddress(name: "web1", address: address, port: 22, user: "ops", kind: .ssh)
  }

  /// A plan with these operations and nothing else.
  private func plan(_ letters: Letter...) async throws -> Plan {
    let world = World(
      mode: .dry,
      clock: ContinuousClock(),
      now: { Date(timeIntervalSince1970: 0) },
      drawSeed: { 1 },
      services: Services()
    )
    let run = Run(id: "r", world: world)
    for letter in letters { _ = try await run.perform(letter) }
    return Plan(
      site: "demo",
      opsh: "0.1.0",
      runbook: RunbookReference(name: "test", version: "1.0.0", sha256: "", path: ""),
      arguments: .table([:]),
      hosts: ["web1"],
      steps: [],
      operations: await run.operations.map { PlannedOperation($0, isCovered: false) },
      inexact: [],
      locks: [],
      conflicts: [],
      check: .null,
      madeAt: 0
    )
  }

  @Test func `another address, mode or content of a change is named once`() async throws {
    let before = try await plan(Letter(host: address("10.0.0.1"), mode: 0o644, words: "secret"))
    let moved = try await plan(Letter(host: address("10.0.0.2"), mode: 0o644, words: "secret"))
    #expect(before.differences(from: moved) == ["web1: write to web1 (address 10.0.0.2, was 10.0.0.1)"])
    let other = try await plan(Letter(host: address("10.0.0.1"), mode: 0o600, words: "other"))
    #expect(
      before.differences(from: other) == ["web1: write to web1 (mode 600, was 644; another words)"]
    )
    #expect(!before.operations.contains { $0.content?.values.contains { $0.contains("secret") } == true })
  }

  @Test func `changes that come and go are named each`() async throws {
    let letter = Letter(host: address("10.0.0.1"), mode: 0o644, words: "a")
    let one = try await plan(letter)
    let two = try await plan(letter, Letter(host: address("10.0.0.1"), mode: 0o600, words: "a"))
    #expect(one.differences(from: two) == ["web1: not in the plan: write to web1"])
    #expect(two.differences(from: one) == ["web1: no longer needed or possible: write to web1"])
  }
}

/// A pretend change that is made of what a real one is.
private struct Letter: PrimitiveKit.Operation {
  let host: HostAddress
  let mode: Int
  let words: InternedText

  static let kind = "test.letter"
  var target: OperationTarget { .host(host.name) }
  var effect: Effect { .changes }
  var summary: String { "write to \(host.name)" }

  init(host: HostAddress, mode: Int, words: String) {
    self.host = host
    self.mode = mode
    self.words = InternedText(words)
  }

  func predict(in world: World) async throws(CallFailure) -> Prediction<String> { .exact("written") }
  func perform(in world: World) async throws(CallFailure) -> String { "written" }
  func probe(in world: World) async throws(CallFailure) -> Probe<String> { .notDone }
  func inverse(of outcome: String) -> (any PrimitiveKit.Operation)? { nil }
}
