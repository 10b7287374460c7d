import Foundation
import Glibc
import HostScript
import PrimitiveKit
import Subprocess
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

  private func placed(_ host: TestHost, _ more: [String] = [], to target: String = "motd") async throws
    -> TestHost.Answer
  {
    try await host.run(
      ["place", "--run", "r1", "--from", "\(host.home)/.motd.opsh-1", "--to", "\(host.home)/\(target)"] + more
    )
  }

  private func facts(_ host: TestHost, _ path: String = "motd") async throws -> String {
    let ending = try await host.ending(["stat", "-c", "%a %u:%g", "\(host.home)/\(path)"])
    return String(decoding: ending.output, as: UTF8.self).split(separator: "\n").joined()
  }

  private func run(_ host: TestHost, _ line: String) async throws {
    let ending = try await host.ending(["sh", "-c", "cd \"$HOME\" && \(line)"])
    try #require(ending.status == 0, "\(line): \(String(decoding: ending.errorOutput, as: UTF8.self))")
  }

  @Test(arguments: Shell.installed) func `a file keeps the mode and the owner of the one it replaces`(shell: Shell)
    async throws
  {
    try await TestHost.with(shell) { host in
      try host.write("old", "motd")
      let owner = getuid() == 0 ? "1234:4321" : "\(getuid()):\(getgid())"
      try await run(host, "chmod 640 motd && chown \(owner) motd")
      try host.write("new", ".motd.opsh-1")
      #expect(try await placed(host).status == 0)
      #expect(host.contents("motd") == "new")
      #expect(try await facts(host) == "640 \(owner)")
      try host.write("newer", ".motd.opsh-1")
      #expect(try await placed(host, ["--bits", "4750"]).status == 0)
      #expect(try await facts(host) == "4750 \(owner)")
      try host.write("first", ".motd.opsh-1")
      #expect(try await placed(host, to: "other").status == 0)
      #expect(try await facts(host, "other").hasPrefix("644 "))
    }
  }

  @Test func `attributes and the ACL of a file go over to the one that replaces it`() async throws {
    try await with { host in
      // Not every file system has them.
      guard (try? await run(host, "setfattr -n user.note -v kept motd && setfacl -m u:1234:r motd")) != nil else {
        return
      }
      let seen = try HostFile(try #require(try await host.run(["look", "--to", "\(host.home)/motd"]).lines.first))
      #expect(seen.more == "an ACL")
      #expect(try await place(host, epoch: 5).status == 0)
      #expect(host.contents("motd") == "new")
      let ending = try await host.ending(["sh", "-c", "getfattr -d \"$HOME/motd\"; getfacl -c \"$HOME/motd\""])
      let text = String(decoding: ending.output, as: UTF8.self)
      #expect(text.contains("user.note=\"kept\"") && text.contains("user:1234:r--"), "\(text)")
    }
  }

  @Test func `what the cp of a host cannot keep is not replaced`() async throws {
    try await with { host in
      guard (try? await run(host, "setfacl -m u:1234:r motd")) != nil else { return }
      try await run(host, "mkdir tools && printf '#!/bin/sh\\nexit 1\\n' >tools/cp && chmod 755 tools/cp")
      let files = ["--from", "\(host.home)/.motd.opsh-1", "--to", "\(host.home)/motd"]
      let path = "\(host.home)/tools:/usr/sbin:/usr/bin:/sbin:/bin"
      let answer = try await host.run(["place", "--run", "r1"] + files, environment: ["PATH": path])
      #expect(answer.code == "host.place_failed" && host.contents("motd") == "old")
      #expect(answer.lines.first?["message"] == "the file has an ACL, which this host's cp cannot keep")
    }
  }

  @Test func `a link stays a link, and the file that it leads to is replaced`() async throws {
    try await TestHost.with { host in
      try await run(host, "mkdir real && echo old >real/file && ln -s real/file link && chmod 600 real/file")
      let seen = try HostFile(try #require(try await host.run(["look", "--to", "\(host.home)/link"]).lines.first))
      let real = try #require(seen.path.hasSuffix("/real/file") ? seen.path : nil)
      #expect(seen.kind == .file && seen.mode == 0o600)
      try host.write("new", "real/.file.opsh-1")
      let words = ["place", "--run", "r1", "--to", "\(host.home)/link"]
      let answer = try await host.run(words + ["--from", real.replacing("/file", with: "/.file.opsh-1")])
      #expect(answer.status == 0)
      #expect(host.contents("real/file") == "new")
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(host.home)/link") == "real/file")
      // A link that leads elsewhere by now: the file was sent to a directory that is no longer its own.
      try host.write("new", ".link.opsh-1")
      let moved = try await host.run(words + ["--from", "\(host.home)/.link.opsh-1"])
      #expect(moved.code == "host.place_failed" && !host.exists(".link.opsh-1"))
    }
  }

  @Test(arguments: [
    ("ln motd second", "hard links"), ("rm motd; mkfifo motd", "not a regular file"),
    ("rm motd; ln -s gone/far motd", "dangling"),
  ])
  func `what a rename would lose is not replaced`(_ line: String, _ words: String) async throws {
    try await with { host in
      try await run(host, line)
      let answer = try await place(host, epoch: 5)
      #expect(answer.status == 4 && answer.code == "host.place_failed")
      #expect(answer.lines.first?["message"]?.contains(words) == true, "\(answer.text)")
      #expect(!host.exists(".motd.opsh-1"))
    }
  }

  @Test(arguments: ["short", String(repeating: "long-", count: 40), String(repeating: "ü€", count: 40)])
  func `names of any length leave nothing behind`(_ name: String) async throws {
    try await TestHost.with { host in
      let staged = HostPath(name).beside("0123456789ab")
      let cut = [HostPath(name).beside("9"), staged.beside("2iq"), HostPath(name).beside("9").beside("x")]
      for left in cut { try host.write("half", left.plain) }
      try host.write("new", staged.plain)
      let other = HostPath("other-\(name)").beside("9")
      try host.write("half", other.plain)
      let answer = try await host.run([
        "place", "--run", "r1", "--from", "\(host.home)/\(staged.plain)", "--to", "\(host.home)/\(name)",
      ])
      #expect(answer.status == 0, "\(answer.text)")
      #expect(host.contents(name) == "new")
      let left = try FileManager.default.contentsOfDirectory(atPath: host.home).filter { $0.contains(".opsh-") }
      #expect(left == [other.plain])
      #expect((cut + [staged]).allSatisfy { $0.plain.utf8.count < 100 })
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
