import Foundation
import HostScript
import PrimitiveKit
import Testing

/// A file that was sent is taken to its place by the host, alone with its epoch.
struct PlacementTests {
  private func place(_ host: TestHost, epoch: Int, script: String = "host.sh") async throws -> TestHost.Answer {
    let files = ["--from", "\(host.home)/.motd.opsh-1", "--to", "\(host.home)/motd"]
    return try await host.run(["place", "--run", "r1", "--epoch", "\(epoch)"] + files, script: script)
  }

  private func with(_ body: (TestHost) async throws -> Void) async throws {
    try await TestHost.with { host in
      #expect(try await host.run(["fence", "--epoch", "5"]).status == 0)
      try host.write("old", "motd")
      try host.write("new", ".motd.opsh-1")
      try await body(host)
    }
  }

  @Test func `a file that was sent under an old lease is not put in its place`() async throws {
    try await with { host in
      let answer = try await place(host, epoch: 4)
      #expect(answer.status == 3 && answer.code == "host.stale_epoch")
      #expect(host.contents("motd") == "old" && !host.exists(".motd.opsh-1"))
    }
  }

  @Test(arguments: [5, 6])
  func `a file that was sent under the newest lease replaces the old one`(epoch: Int) async throws {
    try await with { host in
      let answer = try await place(host, epoch: epoch)
      #expect(answer.status == 0)
      #expect(host.contents("motd") == "new" && !host.exists(".motd.opsh-1"))
    }
  }

  @Test func `whoever is stopped before the placement replaces nothing once another has taken over`() async throws {
    try await with { host in
      try host.write(
        try TestHost.script().text.replacing("\nplace() {\n", with: "\nplace() { true; }\nplace_now() {\n")
          .replacing(
            "  epoch_alone place ||",
            with:
              "  touch \"$HOME/checked\"; until [ -e \"$HOME/go\" ]; do sleep 0.05; done\n  epoch_alone place_now ||"
          ),
        "slow.sh"
      )
      async let late = place(host, epoch: 5, script: "slow.sh")
      try await host.until { host.exists("checked") }
      #expect(try await host.run(["fence", "--epoch", "6"]).status == 0)
      try host.touch("go")
      #expect(try await late.code == "host.stale_epoch")
      #expect(host.contents("motd") == "old" && !host.exists(".motd.opsh-1"))
    }
  }

  @Test(arguments: [true, false])
  func `nobody can take over between the look at the epoch and the rename`(hasFlock: Bool) async throws {
    try await with { host in
      let environment = hasFlock ? [:] : ["PATH": try await host.pathWithout("flock")]
      // The fence begins when the epoch was found to be the newest, and must come after the rename.
      try host.write(
        try TestHost.script().text.replacing(
          "  PL_SAID=$(mv",
          with: """
              RUN=other VERB=fence ${OPSH_SHELL:-sh} "$HOME/host.sh" fence --epoch 6 >/dev/null 7>&- 9>&- &
              until [ -e "$HOME/go" ]; do sleep 0.05; done
              cp "$HOME/.opsh/epoch" "$HOME/epoch_at_rename"
              PL_SAID=$(mv
            """
        ),
        "slow.sh"
      )
      let files = ["--from", "\(host.home)/.motd.opsh-1", "--to", "\(host.home)/motd"]
      async let placed = host.run(
        ["place", "--run", "r1", "--epoch", "5"] + files,
        environment: environment,
        script: "slow.sh"
      )
      // It waits for the epoch: with flock it has the file open, without it has looked at the numbers.
      try await host.until { host.processesRunning("host.sh fence") }
      try host.touch("go")
      #expect(try await placed.status == 0)
      #expect(host.contents("epoch_at_rename") == "5\n")
      try await host.until { host.contents(".opsh/epoch") == "6\n" }
    }
  }

  @Test func `what attempts that were cut off left behind goes with the one that came through`() async throws {
    try await with { host in
      for left in [".motd.opsh-9", "..motd.opsh-9.opsh-2iq"] { try host.write("half", left) }
      let kept = [".motd2.opsh-9", ".motd"]
      for other in kept { try host.write("other", other) }
      let answer = try await place(host, epoch: 5)
      #expect(answer.status == 0)
      #expect(host.contents("motd") == "new")
      #expect(!host.exists(".motd.opsh-9") && !host.exists("..motd.opsh-9.opsh-2iq"))
      #expect(kept.allSatisfy { host.exists($0) })
    }
  }

  @Test func `a file replaces no directory`() async throws {
    try await with { host in
      try FileManager.default.removeItem(atPath: "\(host.home)/motd")
      try FileManager.default.createDirectory(atPath: "\(host.home)/motd", withIntermediateDirectories: true)
      let answer = try await place(host, epoch: 5)
      #expect(answer.status == 4 && answer.code == "host.place_failed" && !host.exists(".motd.opsh-1"))
    }
  }

  @Test func `a script is not installed under an old lease`() async throws {
    try await TestHost.with { host in
      let script = try TestHost.script()
      #expect(try await host.run(["fence", "--epoch", "5"]).status == 0)
      let words = script.installation(lease: ["--epoch", "4"])
      #expect(try await host.command(words, input: Array(script.text.utf8)).code == "host.stale_epoch")
      #expect(!host.exists(".opsh/bin"))
      let left = try FileManager.default.contentsOfDirectory(atPath: host.home).filter { $0.hasPrefix(".opsh-install") }
      #expect(left == [])
    }
  }

  @Test func `a script that is still on its way lies nowhere`() async throws {
    try await TestHost.with { host in
      let script = try TestHost.script()
      // More than a pipe holds: what is fed has been read when the look comes.
      #expect(script.text.utf8.count > 75_000)
      try host.write(script.text, "sent")
      let feed = "cd && { head -c 74000 sent; ls -A >seen; }"
      let answer = try await host.command(["sh", "-c", "\(feed) | \(ShellQuote.line(script.installation()))"])
      #expect(answer.status == HostScript.driftStatus)
      let seen = host.contents("seen")
      #expect(seen.contains("sent") && !seen.contains(".opsh") && !host.exists(".opsh/bin"), "\(seen)")
    }
  }
}

extension TestHost {
  func write(_ text: String, _ path: String) throws {
    try text.write(toFile: "\(home)/\(path)", atomically: true, encoding: .utf8)
  }

  /// Whether a process of this host has these words in its command line.
  func processesRunning(_ words: String) -> Bool {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return entries.contains { entry in
      guard pid_t(entry) != nil,
        let line = try? String(contentsOfFile: "/proc/\(entry)/cmdline", encoding: .utf8)
      else { return false }
      return line.replacing("\0", with: " ").contains("\(home)/\(words)")
    }
  }
}
