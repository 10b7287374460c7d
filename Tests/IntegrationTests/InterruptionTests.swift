import Foundation
import OpshLab
import PseudoTerminal
import Testing

@Suite(.timeLimit(.minutes(5)))
struct InterruptionTests {
  private static let deploy = #"fleet.deploy<target="all", speed="routine">"#
  private static let patience = Duration.seconds(90)

  @Test func `a wrong count changes nothing, and Ctrl-C lets the host in flight finish`() async throws {
    try await RealFleet.with(hosts: 3) { fleet in
      let files = try fleet.files()
      let wrong = try fleet.opsh.terminal("-e", Self.deploy)
      try await wrong.expect("Proceed? Type the number of hosts (3): ", within: Self.patience)
      try wrong.send("4\n")
      #expect(try await wrong.exit(within: Self.patience) == .code(130))
      try await wrong.expectScreen("not confirmed: expected 3, got \"4\"; nothing was changed")
      let asked = try fleet.opsh.terminal("-e", Self.deploy)
      try await asked.expect("Proceed? Type the number of hosts (3): ", within: Self.patience)
      try asked.send("\u{3}")
      #expect(try await asked.exit(within: Self.patience) == .code(130))
      #expect(try fleet.files() == files)

      try await fleet.lab.break(.hang, host: "web003")
      let early = try fleet.opsh.terminal("--yes", "-e", Self.deploy)
      try await early.expect("looking at 3 hosts", within: Self.patience)
      try early.send("\u{3}")
      #expect(try await early.exit(within: Self.patience) == .code(130))
      try await fleet.lab.mend()
      #expect(try fleet.files() == files)

      let right = try fleet.opsh.terminal("-e", Self.deploy)
      try await right.expect("Proceed? Type the number of hosts (3): ", within: Self.patience)
      try right.send("3\n")
      try await right.expect("0/3 hosts", within: Self.patience)
      try right.send("\u{3}")
      try await right.expect("stopping: no new host starts; still changing: web00", within: Self.patience)
      try await right.expect("--- result: Cancelled (1/3, 0 errors", within: Self.patience)
      try await right.expect("skipped: web", within: Self.patience)
      try await right.expect("on deployed version : 1/3", within: Self.patience)
      #expect(try await right.exit(within: Self.patience) == .code(5))
      #expect(try fleet.bots().values.sorted() == ["v1 yes", "v1 yes", "v2 yes"])
    }
  }

  @Test func `a host that hangs holds up nobody, and the second Ctrl-C lets go of it`() async throws {
    try await RealFleet.with(hosts: 3) { fleet in
      let terminal = try fleet.opsh.terminal("--yes", "-e", Self.deploy)
      try await terminal.expect(" first; window", within: Self.patience)
      let canary = try #require(
        terminal.screenText.split(separator: "\n").first { $0.contains(" first; window") }?
          .split(separator: " ").first { $0.hasPrefix("web") }.map(String.init)
      )
      // The other two begin together when the canary is through.
      try await terminal.expect("1/3 hosts", within: Self.patience)
      let stuck = try #require(fleet.lab.hosts.map(\.name).first { $0 != canary })
      try await fleet.lab.break(.hang, host: stuck)
      try await terminal.expect("2/3 hosts", within: Self.patience)
      try terminal.send("\u{3}")
      try await terminal.expect("still changing: \(stuck)", within: Self.patience)
      try terminal.send("\u{3}")
      try await terminal.expect("--- result: Cancelled (2/3", within: Self.patience)
      try await terminal.expect("unknown: \(stuck) (1)", within: Self.patience)
      #expect(try await terminal.exit(within: Self.patience) == .code(5))
      try await fleet.lab.mend()
      // Whether it had begun there or not: every bot runs, and the same again finishes it.
      let again = try await fleet.opsh(Self.deploy, "--yes")
      #expect(again.status == 0, "\(again)")
      try await fleet.expectAll("v2 yes")
    }
  }

  @Test(arguments: [SIGTERM, SIGHUP]) func `a polite end lets the host in flight finish, too`(_ signal: Int32)
    async throws
  {
    try await RealFleet.with(hosts: 3) { fleet in
      let terminal = try fleet.opsh.terminal("--yes", "-e", Self.deploy)
      try await terminal.expect("0/3 hosts", within: Self.patience)
      terminal.signal(signal)
      try await terminal.expect("--- result: Cancelled (1/3, 0 errors", within: Self.patience)
      #expect(try await terminal.exit(within: Self.patience) == .code(5))
      #expect(try fleet.bots().values.sorted() == ["v1 yes", "v1 yes", "v2 yes"])
    }
  }
}
