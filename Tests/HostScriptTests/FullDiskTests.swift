import Foundation
import HostScript
import Subprocess
import Testing

/// A real file system of a few blocks under `~/.opsh`, which is really full.
@Suite(.enabled(if: getuid() == 0, "mounting a file system needs root"))
struct FullDiskTests {
  private func with(_ shell: Shell = .dash, _ body: (TestHost) async throws -> Void) async throws {
    try await TestHost.with(shell) { host in
      try await host.swap("v1", try await host.image("v1"))
      let disk = "\(host.home)/.opsh"
      let words = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", disk]
      try #require(try await host.ending(words).status == 0)
      do {
        try await body(host)
      } catch {
        _ = try await host.ending(["umount", "-l", disk])
        throw error
      }
      #expect(try await host.ending(["umount", "-l", disk]).status == 0)
    }
  }

  @Test(arguments: Shell.installed, [true, false])
  func `a change on a full disk begins nothing and can be given again`(shell: Shell, hasFlock: Bool) async throws {
    try await with(shell) { host in
      var environment: [String: String] = [:]
      if !hasFlock { environment["PATH"] = try await host.pathWithout("flock") }
      // What was there before it filled up: the lock and the folder of the run.
      #expect(try await host.run(["fence", "--epoch", "5"], environment: environment).status == 0)
      try FileManager.default.createDirectory(atPath: "\(host.home)/.opsh/runs/r1", withIntermediateDirectories: true)
      try await host.fill()
      let words = ["restart", "--bots", "bot1", "--settle", "0", "--run", "r1"]
      let full = try await host.run(words, environment: environment)
      #expect(full.status == 4 && full.code == "host.write_failed", "\(full)")
      #expect(full.errors.isEmpty)
      #expect(try await host.run(["--attach", "r1"]).code == "host.no_run")
      let raised = try await host.run(["fence", "--epoch", "6"], environment: environment)
      #expect(raised.status == 4 && raised.code == "host.write_failed", "\(raised)")
      try host.empty()
      #expect(host.contents(".opsh/epoch") == "5\n")
      let again = try await host.run(words, environment: environment)
      #expect(try again.results.map(\.outcome) == [.restarted], "\(again)")
    }
  }

  @Test func `a run whose arguments an earlier version could not write is not lost`() async throws {
    try await with { host in
      try FileManager.default.createDirectory(atPath: "\(host.home)/.opsh/runs/r1", withIntermediateDirectories: true)
      try host.touch(".opsh/runs/r1/restart.args")
      let answer = try await host.run(["restart", "--bots", "bot1", "--settle", "0", "--run", "r1"])
      #expect(try answer.results.map(\.outcome) == [.restarted], "\(answer)")
    }
  }

  @Test(arguments: Shell.installed)
  func `how a command ended is known when it filled the disk itself`(shell: Shell) async throws {
    try await with(shell) { host in
      let fill = "dd if=/dev/zero of=\(host.home)/.opsh/ballast bs=4096 2>/dev/null"
      let said = try await host.exec("\(fill); echo lost; exit 3")
      let answer = try #require(said.answer, "\(String(decoding: said.ending.output, as: UTF8.self))")
      #expect(answer.status == 3)
      // What is not there is counted.
      #expect(answer.output.count + answer.dropped >= 5)
      #expect(answer.output == Array("lost\n".utf8) || answer.dropped > 0)
      #expect(try await host.attach().answer?.status == 3)
    }
  }

  @Test(arguments: Shell.installed, ["close_only", "halt_all"])
  func `a latch that was not written is a failure, and the bot is ended all the same`(
    shell: Shell,
    mode: String
  ) async throws {
    try await with(shell) { host in
      #expect(try await host.run(["fence", "--epoch", "5"]).status == 0)
      try await host.fill()
      let answer = try await host.run(["latch", "--bots", "bot1", "--mode", mode, "--stop", "5"])
      let result = try #require(answer.lines.last { $0.kind == .result })
      #expect(answer.status == 1 && result["outcome"] == "failed" && result["mark"] != "written", "\(answer)")
      #expect(result["detail"]?.contains("its mark") == true)
      #expect(host.processes.isEmpty == (mode == "halt_all"))
      #expect(try await host.bot().isLatched == false)
    }
  }

  @Test(arguments: Shell.installed)
  func `a latch that is there is not replaced by less`(shell: Shell) async throws {
    try await with(shell) { host in
      let latch = { (bot: String, mode: String) in ["latch", "--bots", bot, "--mode", mode, "--stop", "5"] }
      _ = try await host.run(latch("bot1", "close_only"))
      _ = try await host.run(latch("bot2", "halt_all"))
      try await host.fill()
      let result = { (bot: String, mode: String) in
        try #require(try await host.run(latch(bot, mode)).lines.last { $0.kind == .result })
      }
      let raised = try await result("bot1", "halt_all")
      #expect(raised["mark"] == "failed" && raised["outcome"] == "failed")
      #expect(raised["detail"] == "the latch halt_all could not be written; close_only is still set")
      for (bot, mode) in [("bot1", "close_only"), ("bot2", "halt_all"), ("bot2", "close_only"), ("bot2", "stop")] {
        let again = try await result(bot, mode)
        #expect(again["mark"] == "kept" && again["outcome"] == "unchanged", "\(again.text)")
      }
      #expect(try await host.run(["latch"]).lines.map { $0["mode"] } == ["close_only", "halt_all"])
      #expect(host.processes.isEmpty)
    }
  }

  @Test func `what a change could not write down is said to be missing`() async throws {
    try await with { host in
      let words = ["restart", "--bots", "bot1", "--settle", "2", "--run", "r1"]
      async let caller = host.run(words)
      try await host.until { host.contents(".opsh/runs/r1/restart.out").contains("state=restart") }
      try await host.fill()
      let live = try await caller
      #expect(try live.results.map(\.outcome) == [.restarted])
      // The line may have found room in the last block; then all is told, and else that it is not.
      let later = try await host.run(["--attach", "r1"])
      let isTold = try later.results.map(\.outcome) == [.restarted]
      #expect(isTold || later.code == "host.run_died" && later.status == 4, "\(later)")
    }
  }

  @Test(arguments: Shell.installed)
  func `nobody takes a change whose results are not written down for one that was refused`(shell: Shell) async throws {
    try await with(shell) { host in
      // Not one line of it finds room.
      let script = try TestHost.script().text.replacing("\nverb_restart() {", with: "\nverb_restart() { UNTOLD=yes;")
      try host.write(script, "full.sh")
      let words = ["restart", "--bots", "bot1", "--settle", "0", "--run", "r1"]
      let live = try await host.run(words, script: "full.sh")
      #expect(try live.results.map(\.outcome) == [.restarted])
      let later = try await host.run(["--attach", "r1"])
      #expect(later.status == 4 && later.code == "host.run_died" && later.lines.count == 1, "\(later)")
    }
  }
}

extension TestHost {
  /// Fills the file system of `.opsh` to its last block.
  func fill() async throws {
    let ending = try await ending(["dd", "if=/dev/zero", "of=\(home)/.opsh/ballast", "bs=4096"])
    try #require(ending.status == 1, "the file system has no end")
  }

  func empty() throws { try FileManager.default.removeItem(atPath: "\(home)/.opsh/ballast") }
}
