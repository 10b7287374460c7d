import Journal
import LuaRuntime
import OpshTesting
import PrimitiveKit
import Testing

/// Which releases a rollback marks bad, and that its plan says so before anybody confirms.
struct MarkedReleaseTests {
  let stage = Stage()

  private func bad(_ desk: Desk) async throws -> [String] { try await desk.journal.badReleases().map(\.image) }

  @Test func `a release that a budget or a gate judged is marked bad, with the reason`() async throws {
    let desk = try await stage.desk()
    stage.fleet.onWrite { _ in try? await desk.engineRun()?.judge("sha256:image-v2", "a gate failed: no logins") }
    let run = try await desk.run("job:step('a', function() mark('image-v2') end)")
    stage.fleet.onWrite(nil)
    let back = try await stage.desk(.ben, answers: ["1"], yes: false)
    let end = await back.rollback(run.run, isConfirmed: false)
    #expect(end.failure == nil)
    let reasons = try await back.journal.badReleases().map(\.reason)
    #expect(reasons == ["rolled back by \(end.run): a gate failed: no logins"])
    let plan = try #require(back.text.split(separator: "Undo this?").first)
    #expect(plan.contains("Marks bad     image-v2 (sha256:image-v2): a gate failed: no logins"), "\(plan)")
  }

  @Test func `a release that did not stay up is marked bad`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run("job:step('a', function() mark('image-bad', 'w1') mark('image-v2', 'w2') end)")
    let end = await desk.rollback(run.run)
    #expect(end.failure == nil)
    #expect(try await desk.journal.badReleases().map(\.reason) == ["rolled back by \(end.run): it does not stay up"])
    #expect(try await bad(desk) == ["image-bad"])
  }

  @Test(arguments: ["ok", "failed", "interrupted"])
  func `a release that nothing judged is offered as before, and the plan says so`(_ state: String) async throws {
    let desk = try await stage.desk()
    if state == "failed" { stage.fleet.next("x", .fail) }
    if state == "interrupted" { stage.fleet.onWrite { if $0 == "x@web1" { desk.database.die(after: 0) } } }
    let run = try await desk.run(
      "job:step('a', function() mark('image-v2') end) job:step('b', function() mark('x') end)"
    )
    stage.fleet.onWrite(nil)
    stage.advance(by: 120)
    let next = try await stage.desk(.ben)
    #expect(try await next.state(run.run).rawValue == state)
    #expect(await next.rollback(run.run).failure == nil)
    #expect(try await bad(next).isEmpty)
    #expect(
      next.text.contains("Not marked    image-v2 (sha256:image-v2): nothing judged it bad; use mark=true to mark it")
    )
  }

  @Test func `mark = true marks what was put in place, not what was gone back to or was there`() async throws {
    let desk = try await stage.desk()
    let back = try await desk.run("job:step('a', function() mark('image-back-v1') end)")
    #expect(await desk.rollback(back.run, isMarking: true).failure == nil)
    #expect(stage.fleet.written["undo-image-back-v1"] == 1)
    let same = try await desk.run("job:step('a', function() mark('image-same', 'w1') mark('image-v2', 'w2') end)")
    #expect(await desk.rollback(same.run, isMarking: true).failure == nil)
    #expect(try await bad(desk) == ["image-v2"])
    #expect(desk.text.contains("Marks bad     image-v2 (sha256:image-v2), as requested"))
  }

  @Test func `a rollback that leaves something marks nothing, and keeps its word once it is done`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run("job:step('a', function() mark('image-v2') end)")
    stage.fleet.next("undo-image-v2", .bad)
    #expect(await desk.rollback(run.run, isMarking: true).failure != nil)
    #expect(try await bad(desk).isEmpty)
    #expect(await desk.rollback(run.run).failure == nil)
    #expect(try await bad(desk) == ["image-v2"])
  }

  @Test func `a mark is cleared by the name that the list shows, by the digest, or the beginning of it`() async throws {
    let desk = try await stage.desk(hasPrimitives: true)
    for (digest, name) in [("aaaaaaaaaaaa", "v2"), ("bbbbbbbbbbbb", "v3"), ("cccccccccccc", "v3")] {
      try await desk.journal.markBad(digest: "sha256:\(digest)", image: name, run: "", reason: "slow")
    }
    func clear(_ name: String) async -> CallFailure? {
      do {
        _ = try await desk.lua.run("releases.clear('\(name)', 'why')", name: "=t", kind: .script)
        return nil
      } catch {
        return CallFailure(anyError: error)
      }
    }
    #expect(await clear("v3")?.code == "release.ambiguous")
    #expect(await clear("v2") == nil)
    #expect(await clear("bbbbbbbbbbbb") == nil)
    #expect(await clear("v3") == nil)
    #expect(try await bad(desk).isEmpty)
    #expect(await clear("v2")?.hint == "see the list with releases.bad()")
  }
}
