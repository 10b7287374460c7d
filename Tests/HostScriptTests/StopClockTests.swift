import Foundation
import HostScript
import Testing

/// Three clocks meet in a mark: of whoever stops, of the journal that granted, and the host's.
///
/// Two minutes between them must neither let a bot be started that was stopped, nor keep one down that was started later.
@Suite(.timeLimit(.minutes(5))) struct StopClockTests {
  /// Hundredths of a second since boot, and the boot, as marks have them.
  private func clock(minus hundredths: Int = 0) throws -> String {
    let uptime = try String(contentsOfFile: "/proc/uptime", encoding: .utf8).prefix { $0 != " " }
    let boot = try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
    let now = Int((Double(uptime) ?? 0) * 100)
    return "\(now - hundredths) \(boot.trimmingCharacters(in: .whitespacesAndNewlines))"
  }

  private var now: Int { Int(Date().timeIntervalSince1970) }

  /// Starts the bot with a grant so many seconds off this clock, which was given so many hundredths of a second ago.
  private func start(_ host: TestHost, grant: Int, age: Int) async throws -> SwapResult.Outcome? {
    let epoch = (now + grant) * 65_536 + 9
    let words = ["start", "--bots", "bot1", "--settle", "0", "--epoch", "\(epoch)", "--age", "\(age)"]
    return try await host.run(words).results.first?.outcome
  }

  @Test(arguments: Shell.installed)
  func `what was granted before the stop is bound, whichever clock is wrong`(shell: Shell) async throws {
    try await TestHost.with(shell) { host in
      try await host.swap("v1", try await host.image("v1"))
      // Who stops is 2 minutes behind; then the journal is 2 minutes ahead. The grant is a minute old.
      for (at, grant) in [(-120, -60), (0, 60)] {
        try await host.lane("bot1", ["--at", "\(now + at)"])
        #expect(try await start(host, grant: grant, age: 6000) == .stoppedBy, "\(at) \(grant)")
        #expect(host.processes.isEmpty)
        for file in ["epoch", "stop/bot1"] { try FileManager.default.removeItem(atPath: "\(host.home)/.opsh/\(file)") }
      }
    }
  }

  @Test func `what was granted after the stop clears its mark though who stopped is 2 minutes ahead`() async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1"))
      try await host.lane("bot1", ["--at", "\(now + 120)"])
      #expect(try await start(host, grant: 0, age: 1) == .started)
      #expect(!host.exists(".opsh/stop/bot1"))
    }
  }

  // At once it might have been on its way since before the stop; half a minute later it cannot have been.
  @Test func `a grant of a journal that is 2 minutes behind clears the mark after half a minute`() async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1"))
      try await host.lane("bot1")
      let words = ["at=\(now)", "who=alice", "mode=stop", "reason=x", "grace=5"]
      try host.mark("bot1", (words + ["up=\(try clock())"]).joined(separator: "\n") + "\n")
      #expect(try await start(host, grant: -120, age: 1) == .stoppedBy)
      try? FileManager.default.removeItem(atPath: "\(host.home)/.opsh/epoch")
      try host.mark("bot1", (words + ["up=\(try clock(minus: 4000))"]).joined(separator: "\n") + "\n")
      #expect(try await start(host, grant: -120, age: 1) == .started)
    }
  }

  @Test func `a run that is taken up again is the same change, however old its grant is by then`() async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1"))
      let words = ["restart", "--bots", "bot1", "--settle", "0", "--run", "r1", "--epoch", "\(now * 65_536)"]
      #expect(try await host.run(words + ["--age", "1"]).results.map(\.outcome) == [.restarted])
      #expect(try await host.run(words + ["--age", "900"]).results.map(\.outcome) == [.restarted])
    }
  }

  @Test func `the grace of a mark is counted by the host's own clock`() async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1"))
      let v2 = try await host.image("v2", behaviour: "deaf")
      async let swap = host.swap("v2", v2, ["--settle", "60", "--run", "r1", "--epoch", "1000"])
      try await host.until { host.contents(".opsh/runs/r1/swap.out").contains("state=settle") }
      let start = ContinuousClock.now
      // By its own clock whoever stopped did so 2 minutes ago.
      try host.mark("bot1", "at=\(now - 120)\nwho=alice\nmode=stop\nreason=x\ngrace=2\nup=\(try clock())\n")
      #expect(try await swap.results.map(\.outcome) == [.stoppedBy])
      #expect(ContinuousClock.now - start > .seconds(3), "its 2 s and the 2 s of whoever marked it")
    }
  }
}
