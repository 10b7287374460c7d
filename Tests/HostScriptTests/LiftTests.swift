import Foundation
import HostScript
import Testing

/// A lift takes away what somebody looked at, and nothing that came later.
@Suite(.timeLimit(.minutes(5))) struct LiftTests {
  private func mark(_ host: any ContractHost) async throws -> HostLine {
    try await host.ask(["latch", "--bots", "bot1 bot2"]).line(.other("mark"))
  }

  private func latch(_ host: any ContractHost, _ mode: String, _ who: String) async throws {
    let words = ["latch", "--bots", "bot1", "--mode", mode, "--who", who, "--reason", "x", "--stop", "5"]
    #expect(try await host.ask(words).status == 0)
  }

  @Test(arguments: Subject.all) func `another mark than the one that was seen stays`(_ subject: Subject) async throws {
    try await subject.with { host in
      try await latch(host, "close_only", "alice")
      let seen = try #require(try await mark(host)["id"])
      try await latch(host, "halt_all", "bob")
      let lift = ["latch", "--bots", "bot1 bot2", "--lift"]
      let late = try await host.ask(lift + ["--seen", "bot1=\(seen)"])
      #expect(late.status == 1)
      #expect(try late.results.map(\.outcome) == [.refused, .unchanged])
      let left = try await mark(host)
      #expect(left["mode"] == "halt_all" && left["who"] == "bob")
      let now = try #require(left["id"])
      // The mark of another bot proves nothing of this one.
      #expect(try await host.ask(lift + ["--seen", "bot2=\(now)"]).results.first?.outcome == .refused)
      let lifted = try await host.ask(lift + ["--seen", "bot2=x bot1=\(now)"])
      #expect(lifted.status == 0)
      #expect(try lifted.results.map(\.outcome) == [.lifted, .unchanged])
      #expect(try await host.ask(["latch"]).lines.isEmpty)
    }
  }

  @Test(arguments: Subject.all) func `by hand the mark that is there is lifted`(_ subject: Subject) async throws {
    try await subject.with { host in
      try await latch(host, "halt_all", "bob")
      #expect(try await host.ask(["latch", "--bots", "bot1", "--lift"]).results.map(\.outcome) == [.lifted])
    }
  }

  @Test(arguments: Subject.all) func `a lease that has passed on lifts nothing`(_ subject: Subject) async throws {
    try await subject.with { host in
      let now = try await host.now()
      #expect(try await host.ask(["fence", "--epoch", "\(now * 65_536 + 5)", "--journal", "mine"]).status == 0)
      try await latch(host, "halt_all", "alice")
      let lift = ["latch", "--bots", "bot1", "--lift", "--run", "r1", "--epoch"]
      let late = try await host.ask(lift + ["\((now - 1) * 65_536 + 5)", "--journal", "mine"])
      #expect(late.status == 3 && late.code == "host.stale_epoch")
      #expect(try await mark(host)["mode"] == "halt_all")
      let newest = try await host.ask(lift + ["\((now + 1) * 65_536 + 5)", "--journal", "mine"])
      #expect(try newest.results.map(\.outcome) == [.lifted])
      #expect(try await HostEpoch(host.ask(["epoch"]).line(.host)).epoch == (now + 1) * 65_536 + 5)
    }
  }

  @Test(arguments: Shell.installed, [false, true])
  func `a latch that comes while an older mark is cleared stays`(shell: Shell, isFull: Bool) async throws {
    try await TestHost.with(shell) { host in
      try await host.swap("v1", try await host.image("v1"))
      _ = try await host.run(["stop", "--bots", "bot1", "--stop", "5"])
      // Both made by hand, in the same second.
      let words = { (mode: String) in "at=1000\nwho=alice\nmode=\(mode)\nreason=x\ngrace=0\n" }
      try host.mark("bot1", words("stop"))
      try host.write(words("halt_all"), "later")
      var script = try TestHost.script().text.replacing(
        "\n  MC_TAKEN=",
        with: "\n  cp \"$HOME/later\" \"$BASE/stop/$1\"\n  MC_TAKEN="
      )
      if isFull { script = script.replacing("ln \"$MC_TAKEN\"", with: "false \"$MC_TAKEN\"") }
      try host.write(script, "door.sh")
      let start = ["start", "--bots", "bot1", "--settle", "0"]
      let answer = try await host.run(start, script: "door.sh")
      #expect(try answer.results.map(\.outcome) == [.refused], "\(answer)")
      #expect(host.contents(".opsh/stop/bot1") == words("halt_all"))
      #expect(host.processes.isEmpty)
    }
  }
}
