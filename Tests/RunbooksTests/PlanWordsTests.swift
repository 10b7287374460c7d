import PrimitiveKit
import Testing

@testable import Runbooks
@testable import Runs

/// What is said of a plan of a runbook that does not hold because it was made with another argument.
struct PlanWordsTests {
  let stage = Stage()

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
        == "web2: write b on web2; it was: write a on web2 (word b, was a)"
    )
  }
}
