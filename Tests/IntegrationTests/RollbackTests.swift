import Foundation
import Glibc
import OpshLab
import PseudoTerminal
import Testing

/// Rollbacks of deploys that were typed at the prompt, on hosts that are not well.
@Suite(.timeLimit(.minutes(5)))
struct RollbackTests {
  /// Deploys v2 everywhere and answers the run.
  private func deployed(_ fleet: RealFleet) async throws -> String {
    let run = try await fleet.opsh(#"fleet.deploy<target="all", image="v2">;"#, "--yes", "--json")
    #expect(run.status == 0, "\(run)")
    return try #require(try run.events("deploy.result").first?["run"] as? String)
  }

  private func rollback(_ fleet: RealFleet, _ words: String...) async throws -> Opsh.Outcome {
    try await fleet.opsh.run(["--yes", "rollback"] + words, limit: .seconds(150))
  }

  @Test func `an old release that does not start is no success, and the run stays open until it does`() async throws {
    try await RealFleet.with(hosts: 3) { fleet in
      let run = try await deployed(fleet)
      for host in fleet.lab.hosts { try await fleet.lab.break(.crash, host: host.name) }
      let failed = try await rollback(fleet, run)
      #expect(failed.status == 8, "\(failed)")
      let down = try #require(try fleet.bots().first { $0.value == "down" }?.key)
      #expect(failed.errors.contains("\(down) is down"), "\(failed)")
      #expect(failed.errors.contains("): not started"), "\(failed)")
      #expect(try fleet.bots().values.filter { $0.hasPrefix("v2") }.count == 2)
      #expect(!(failed.output + failed.errors).contains("is rolled back"), "\(failed)")
      let told = try await fleet.opsh("print(#releases.bad(), run(\"\(run)\").state)", "--quiet")
      #expect(told.lines == ["0\trollback_failed"], "\(told)")

      try await fleet.lab.mend()
      let again = try await rollback(fleet, run)
      #expect(again.status == 0, "\(again)")
      try await fleet.expectAll("v1 yes")
    }
  }

  @Test func `one host whose sshd is gone, or whose script was changed, does not keep the others`() async throws {
    try await RealFleet.with(hosts: 5) { fleet in
      let run = try await deployed(fleet)
      try await fleet.lab.break(.sshd, host: "web004")
      try await fleet.lab.break(.script, host: "web002")
      let partly = try await rollback(fleet, run)
      #expect(partly.status == 8, "\(partly)")
      #expect(partly.output.contains("Left out      web004 (1, no answer): "), "\(partly)")
      #expect(partly.output.contains("4 × bots.swap on web[001-003,005]: swap bots back to "), "\(partly)")
      #expect(partly.errors.contains("1 of 5 hosts not undone: web004 (bot4): unreachable: "), "\(partly)")
      #expect(try fleet.bots().filter { $0.value.hasPrefix("v2") }.map(\.key) == ["bot4"])
      try await fleet.lab.mend()
      let again = try await rollback(fleet, run)
      #expect(again.status == 0, "\(again)")
      #expect(again.output.contains("Already back  web[001-003,005]"), "\(again)")
      try await fleet.expectAll("v1 yes")
    }
  }

  @Test func `bots of a host that ran several images go back to their own, or keep the run open`() async throws {
    try await RealFleet.with(hosts: 1, botsPerHost: 2) { fleet in
      let first = try await fleet.opsh(#"fleet.deploy<target="bot", bot=2, image="v2">;"#, "--yes")
      #expect(first.status == 0, "\(first)")
      // Its bots are waited for.
      let words = ["--yes", "--json", "-e", #"fleet.deploy<target="all", image="v4-nologin">;"#]
      let deploy = try await fleet.opsh.run(words, limit: .seconds(150))
      let run = try #require(try deploy.events("deploy.result").first?["run"] as? String)
      // The host keeps the newest images only: v2 goes with the first swap. Without an offer of the site it stays gone.
      let site = try String(contentsOfFile: fleet.lab.site, encoding: .utf8)
      let v2 = try #require(site.split(separator: "\n").first { $0.contains("[\"v2\"]") })
      try site.replacing("\(v2)\n", with: "").replacing(#"default_image = "v2""#, with: #"default_image = "v1""#).write(
        toFile: fleet.lab.site,
        atomically: true,
        encoding: .utf8
      )
      let partly = try await rollback(fleet, run)
      #expect(partly.status == 8, "\(partly)")
      #expect(partly.errors.contains("is no longer on this host, and the site does not say where"), "\(partly)")
      try site.write(toFile: fleet.lab.site, atomically: true, encoding: .utf8)
      let back = try await rollback(fleet, run)
      #expect(back.status == 0, "\(back)")
      let versions = try fleet.bots().mapValues { String($0.prefix(2)) }
      #expect(versions == ["bot1": "v1", "bot2": "v2"])
    }
  }

  @Test func `a host that swaps while opsh is killed is brought back as well`() async throws {
    try await RealFleet.with(hosts: 3) { fleet in
      let terminal = try fleet.opsh.terminal("--yes", "-e", #"fleet.deploy<target="all", image="v2">;"#)
      try await terminal.expect("1/3 hosts", within: .seconds(60))
      terminal.signal(SIGKILL)
      _ = try await terminal.exit()
      let run = try await fleet.opsh("print(runs()[1].id)", "--quiet")
      let back = try await rollback(fleet, try #require(run.lines.first))
      #expect(back.status == 0, "\(back)")
      #expect(try await fleet.opsh("print(#unresolved(), runs()[2].state)", "--quiet").lines == ["0\trolled_back"])
      try await fleet.expectAll("v1 yes")
    }
  }
}
