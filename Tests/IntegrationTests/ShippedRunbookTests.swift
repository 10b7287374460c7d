import Foundation
import OpshLab
import Testing

/// The runbooks that come with opsh, on a real fleet.
@Suite(.timeLimit(.minutes(5)))
struct ShippedRunbookTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../runbooks").standardizedFileURL.path(percentEncoded: false)

  private func run(_ fleet: RealFleet, _ book: String, _ words: String...) async throws -> Opsh.Outcome {
    try await run(fleet, book, words)
  }

  private func run(_ fleet: RealFleet, _ book: String, _ words: [String]) async throws -> Opsh.Outcome {
    let options = words.filter { $0.hasPrefix("-") }
    let arguments = words.filter { !$0.hasPrefix("-") }
    return try await fleet.opsh.run(options + ["\(Self.folder)/\(book).lua"] + arguments, limit: .seconds(150))
  }

  /// A dry run leaves every host as it is, and its plan is as exact as promised.
  private func expectDry(_ fleet: RealFleet, _ book: String, _ arguments: String..., exactness: Double) async throws {
    let before = (try fleet.files(), fleet.processes())
    let dry = try await run(fleet, book, ["--dry-run", "--json"] + arguments)
    #expect(dry.status == 0, "\(dry)")
    #expect(try dry.events("runbook.plan").first?["exactness"] as? Double == exactness, "\(dry)")
    #expect(try fleet.files() == before.0)
    #expect(fleet.processes() == before.1)
  }

  /// What was predicted and what was done are the same for every kind of change.
  private func expectFidelity(_ fleet: RealFleet, _ kinds: String...) async throws {
    let fidelity = try await fleet.opsh.run(["fidelity", "--json"])
    let rows = try #require(try fidelity.events("result").first?["value"] as? [[String: Any]], "\(fidelity)")
    for kind in kinds {
      let row = rows.first { $0["kind"] as? String == kind }
      #expect(row?["percent"] as? Double == 100, "\(kind): \(fidelity)")
    }
  }

  /// The id of the newest run.
  private func newest(_ fleet: RealFleet) async throws -> String {
    let runs = try await fleet.opsh("print(runs()[1].id)", "--quiet")
    return try #require(runs.lines.first, "\(runs)")
  }

  // Not strict: a review that is overdue some day breaks no build.
  @Test func `lint finds no error in the runbooks, and VERSIONS is theirs`() async throws {
    let lint = try await Opsh().run(["lint", Self.folder])
    #expect(lint.status == 0, "\(lint)")
  }

  @Test func `deploy does what its plan said, and its rollback puts everything back and marks what it is told to`()
    async throws
  {
    try await RealFleet.with(hosts: 3, botsPerHost: 2) { fleet in
      try await expectDry(fleet, "deploy", "target=all", exactness: 1)
      let real = try await run(fleet, "deploy", "--yes", "--json", "target=all", "speed=fast")
      #expect(real.status == 0, "\(real)")
      #expect(try real.events("runbook.result").first?["state"] as? String == "ok")
      try await fleet.expectAll("v2 yes")
      try await expectFidelity(fleet, "bots.swap", "host.script.install")

      let words = ["--yes", "rollback", "--mark", try await newest(fleet)]
      let back = try await fleet.opsh.run(words, limit: .seconds(150))
      #expect(back.status == 0, "\(back)")
      #expect(back.output.contains("v2"), "\(back)")
      try await fleet.expectAll("v1 yes")
      let again = try await run(fleet, "deploy", "--dry-run", "target=all")
      #expect(again.status == 6, "\(again)")
      #expect(again.errors.contains("marked bad"), "\(again)")
    }
  }

  @Test func `deploy of one bot locks its host and leaves the others alone`() async throws {
    try await RealFleet.with(hosts: 2, botsPerHost: 2) { fleet in
      let dry = try await run(fleet, "deploy", "--dry-run", "target=bot", "bot=3")
      #expect(dry.output.contains("Lock        host/web002"), "\(dry)")
      let before = fleet.processes()
      let real = try await run(fleet, "deploy", "--yes", "target=bot", "bot=3")
      #expect(real.status == 0, "\(real)")
      let after = fleet.processes()
      #expect(before.keys.filter { before[$0] != after[$0] } == ["bot3"])
    }
  }

  @Test func `a deploy that the gate stops can be rolled back in batch`() async throws {
    try await RealFleet.with(hosts: 2) { fleet in
      let run = try await run(fleet, "deploy", "--yes", "--on-failure=rollback", "target=all", "image=v4-nologin")
      #expect(run.status == 7, "\(run)")
      try await fleet.expectAll("v1 yes")
    }
  }

  @Test func `a release whose bots went back by themselves leaves nothing to undo`() async throws {
    try await RealFleet.with(hosts: 2) { fleet in
      let run = try await run(fleet, "deploy", "--yes", "--on-failure=rollback", "target=all", "image=v3-broken")
      #expect(run.status == 2, "\(run)")
      try await fleet.expectAll("v1 yes")
    }
  }

  @Test func `rollback goes to the image before, and refuses to go where it came from`() async throws {
    try await RealFleet.with(hosts: 3) { fleet in
      let deploy = try await run(fleet, "deploy", "--yes", "target=all", "speed=fast")
      #expect(deploy.status == 0, "\(deploy)")
      let id = try await newest(fleet)
      try await expectDry(fleet, "rollback", "target=all", exactness: 1)
      let byRun = try await run(fleet, "rollback", "--dry-run", "target=all", "run=\(id)")
      #expect(byRun.status == 0, "\(byRun)")
      let real = try await run(fleet, "rollback", "--yes", "target=all", "speed=fast", "mark=true", "reason=too slow")
      #expect(real.status == 0, "\(real)")
      try await fleet.expectAll("v1 yes")
      try await expectFidelity(fleet, "bots.swap")
      let bad = try await fleet.opsh("for _, bad in ipairs(releases.bad()) do print(bad.image) end", "--quiet")
      #expect(bad.lines == ["v2"], "\(bad)")
      let forth = try await run(fleet, "rollback", "--yes", "target=all")
      #expect(forth.status == 65, "\(forth)")
      #expect(forth.errors.contains("is marked bad: too slow"), "\(forth)")
      try await fleet.expectAll("v1 yes")
    }
  }

  @Test func `rollback wants the image on every host before it begins`() async throws {
    try await RealFleet.with(hosts: 2) { fleet in
      let deploy = try await run(fleet, "deploy", "--yes", "target=web001")
      #expect(deploy.status == 0, "\(deploy)")
      let before = fleet.processes()
      let back = try await run(fleet, "rollback", "--yes", "target=all", "image=v2")
      #expect(back.status == 65, "\(back)")
      #expect(back.errors.contains("is not stored on web002"), "\(back)")
      #expect(fleet.processes() == before)
    }
  }

  @Test func `restart gives every bot a new process, in layers, and its plan knew it`() async throws {
    try await RealFleet.with(hosts: 3, botsPerHost: 2) { fleet in
      try await expectDry(fleet, "restart", "target=all", exactness: 1)
      let before = fleet.processes()
      let real = try await run(fleet, "restart", "--yes", "--json", "target=all")
      #expect(real.status == 0, "\(real)")
      let after = fleet.processes()
      #expect(before.keys.allSatisfy { before[$0] != after[$0] })
      try await fleet.expectAll("v1 yes")
      try await expectFidelity(fleet, "bots.control")
      let back = try await fleet.opsh.run(["--yes", "rollback", try await newest(fleet)])
      #expect(back.output.contains("Not undone"), "\(back)")
    }
  }

  @Test func `restart stops at the first host whose bots do not come back`() async throws {
    try await RealFleet.with(hosts: 3) { fleet in
      for host in fleet.lab.hosts { try await fleet.lab.break(.crash, host: host.name) }
      let real = try await run(fleet, "restart", "--yes", "target=all", "window=1")
      #expect(real.status == 2, "\(real)")
      #expect(real.errors.contains("budget is 0"), "\(real)")
      #expect(try fleet.bots().values.filter { $0 == "down" }.count == 1)
    }
  }

  @Test func `exec runs a command on every host once, written down`() async throws {
    try await RealFleet.with(hosts: 3) { fleet in
      try await expectDry(fleet, "exec", "on=all", "cmd=echo here >> mark", exactness: 0.5)
      let real = try await run(fleet, "exec", "--yes", "--json", "on=all", "cmd=echo here >> mark")
      #expect(real.status == 0, "\(real)")
      for host in fleet.lab.hosts {
        let mark = FileManager.default.contents(atPath: fleet.lab.layout.home(of: host.name) + "/mark")
        #expect(mark.map { String(decoding: $0, as: UTF8.self) } == "here\n", "\(host.name)")
      }
      let seen = try await run(fleet, "exec", "--yes", "on=all", "cmd=echo twice; echo lines", "safe=true")
      #expect(seen.output.contains("web[001-003] (3): exit 0\n  twice\n  lines\n"), "\(seen)")
      #expect(seen.output.contains(#"{ ok = "web[001-003]" }"#), "\(seen)")
      let failing = try await run(fleet, "exec", "--yes", "on=all", "cmd=echo again >> mark; exit 4", "window=1")
      #expect(failing.status == 2, "\(failing)")
      let marked = fleet.lab.hosts.filter { host in
        let mark = FileManager.default.contents(atPath: fleet.lab.layout.home(of: host.name) + "/mark")
        return mark?.count == "here\nagain\n".utf8.count
      }
      #expect(marked.count == 1)
    }
  }

  @Test func `exec with safe looks while it plans`() async throws {
    try await RealFleet.with(hosts: 1) { fleet in
      let dry = try await run(fleet, "exec", "--dry-run", "on=all", "cmd=echo seen", "safe=true")
      #expect(dry.status == 0, "\(dry)")
      #expect(dry.output.contains("Changes    none"), "\(dry)")
    }
  }
}
