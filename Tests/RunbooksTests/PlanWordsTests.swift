import OpshTesting
import PrimitiveKit
import Testing

@testable import Runbooks
@testable import Runs

/// What is said of a plan that does not hold because an operation of it is made of something else.
struct PlanDifferenceTests {
  let stage = Stage()

  private func address(_ address: String) -> HostAddress {
    HostAddress(name: "web1", address: address, port: 22, user: "ops", kind: .ssh)
  }

  /// A plan with these operations and nothing else.
  private func plan(_ letters: Letter...) async throws -> Plan {
    let run = Run(id: "r", world: stage.world.dry)
    for letter in letters { _ = try await run.perform(letter) }
    var plan = try #require(try await (try await stage.desk()).plan("job:note('nothing')").plan)
    plan.operations = await run.operations.map { PlannedOperation($0, isCovered: false) }
    return plan
  }

  @Test func `another address, mode or content of a change is named once`() async throws {
    let before = try await plan(Letter(host: address("10.0.0.1"), mode: 0o644, words: "secret"))
    let moved = try await plan(Letter(host: address("10.0.0.2"), mode: 0o644, words: "secret"))
    #expect(before.differences(from: moved) == ["web1: write to web1 (address 10.0.0.2, then it was 10.0.0.1)"])
    let other = try await plan(Letter(host: address("10.0.0.1"), mode: 0o600, words: "other"))
    #expect(
      before.differences(from: other) == ["web1: write to web1 (mode 600, then it was 644; another words)"]
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

  @Test func `a plan with another content is refused in these words`() async throws {
    let source = Desk.book(
      "mark(args.word, 'web2')",
      "params = { { 'word', type = 'string' } }, check = function() return 1 end,"
    )
    let desk = try await stage.desk()
    let a = try await desk.start(source, RunbookStart(isDry: true), arguments: ["word": .string("a")])
    let b = try await desk.start(source, RunbookStart(isDry: true), arguments: ["word": .string("b")])
    let (before, now) = (try #require(a.plan), try #require(b.plan))
    #expect(
      before.differences(from: now).last
        == "web2: write b on web2, then it was: write a on web2 (word b, then it was a)"
    )
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
