import Foundation
import HostScript
import Subprocess
import Testing

struct GuardTests {
  @Test func `a lost connection does not stop a swap, and the same run is attached to again`() async throws {
    try await TestHost.with { host in
      let v1 = try await host.image("v1")
      let arguments = host.swapArguments("v1", v1, bots: "bot1 bot2", ["--settle", "2", "--run", "r1"])
      let caller = Task { try await host.run(arguments) }
      try await host.until { host.contents(".opsh/runs/r1/swap.out").contains("state=settle") }
      caller.cancel()
      let again = try await host.run(arguments)
      #expect(again.status == 0)
      #expect(try again.results.map(\.outcome) == [.swapped, .swapped])
      #expect(again.lines.filter { $0["state"] == "start" }.count == 2)
      let later = try await host.run(["--attach", "r1"])
      #expect(later.text == again.text)
      #expect(later.status == 0)
      #expect(host.processes.count == 2)
      _ = try? await caller.value
    }
  }

  @Test func `a hang-up and a broken pipe do not stop a swap`() async throws {
    try await TestHost.with { host in
      let v1 = try await host.image("v1")
      let arguments = host.swapArguments("v1", v1, bots: "bot1", ["--settle", "2", "--run", "r1"])
      async let caller = host.run(arguments)
      try await host.until { host.contents(".opsh/runs/r1/swap.out").contains("state=settle") }
      let worker = try #require(
        host.contents(".opsh/runs/r1/swap.pid").split(separator: " ").first.flatMap { pid_t($0) }
      )
      for signal in [SIGHUP, SIGPIPE, SIGTERM] { kill(worker, signal) }
      #expect(try await caller.results.map(\.outcome) == [.swapped])
    }
  }

  @Test(arguments: Shell.installed)
  func `a bot starts with no signal ignored and in a session of its own`(shell: Shell) async throws {
    try await TestHost.with(shell) { host in
      try await host.swap("v1", try await host.image("v1"))
      let pid = try #require(host.processes.first)
      let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
      let ignored = try #require(status.split(separator: "\n").first { $0.hasPrefix("SigIgn:") }?.suffix(16))
      // The two highest bits looked away from belong to the C library (signals 32 and 33).
      #expect(try #require(UInt64(ignored, radix: 16)) & 0x7fff_ffff == 0)
      #expect(getsid(pid) == pid)
      let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")
      // What the caller itself leaks lies above 9; the lock and the caller's output lie below.
      #expect(open.filter { $0.count == 1 }.sorted() == ["0", "1", "2"])
    }
  }

  @Test func `a run id means one command`() async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1"), ["--run", "r1"])
      let answer = try await host.swap("v1", try await host.image("v2"), ["--run", "r1"])
      #expect(answer.status == 2)
      #expect(answer.code == "host.run_differs")
    }
  }

  @Test func `a run nobody knows cannot be attached to`() async throws {
    try await TestHost.with { host in
      let answer = try await host.run(["--attach", "r9"])
      #expect(answer.status == 2)
      #expect(answer.code == "host.no_run")
    }
  }

  @Test(arguments: [true, false])
  func `a second change is refused while one is at work`(hasFlock: Bool) async throws {
    try await TestHost.with { host in
      let v1 = try await host.image("v1")
      var environment: [String: String] = [:]
      if !hasFlock { environment["PATH"] = try await host.pathWithout("flock") }
      let arguments = host.swapArguments("v1", v1, bots: "bot1", ["--settle", "20", "--run", "r1"])
      async let first = host.run(arguments, environment: environment)
      try await host.until { host.contents(".opsh/runs/r1/swap.out").contains("state=settle") }
      let second = try await host.run(["stop", "--bots", "bot1"], environment: environment)
      #expect(second.status == 3)
      #expect(second.code == "host.locked")
      #expect(second.text.contains("run r1 (swap, process "))
      #expect(try await first.status == 0)
      #expect(try await host.run(["stop", "--bots", "bot1"], environment: environment).status == 0)
    }
  }

  @Test func `an older epoch is refused`() async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1"), ["--epoch", "7"])
      let answer = try await host.run(["stop", "--bots", "bot1", "--epoch", "6"])
      #expect(answer.status == 3)
      #expect(answer.code == "host.stale_epoch")
      #expect(host.processes.count == 1)
      #expect(try await host.run(["stop", "--bots", "bot1", "--epoch", "7"]).status == 0)
    }
  }

  @Test func `a run that is taken up under a newer epoch is the same run`() async throws {
    try await TestHost.with { host in
      let v1 = try await host.image("v1")
      let first = try await host.swap("v1", v1, ["--run", "r1", "--epoch", "7"])
      let again = try await host.swap("v1", v1, ["--run", "r1", "--epoch", "8"])
      #expect(again.status == 0)
      #expect(again.text == first.text)
    }
  }

  @Test(arguments: [true, false])
  func `a process that took over a bot's number is never touched`(sameStart: Bool) async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1"))
      let v2 = try await host.image("v2")
      try await host.run(["stop", "--bots", "bot1"]).status.map { #expect($0 == 0) }
      let stranger = Process()
      stranger.executableURL = URL(filePath: "/usr/bin/sleep")
      stranger.arguments = ["60"]
      try stranger.run()
      defer { kill(stranger.processIdentifier, SIGKILL) }
      let pid = stranger.processIdentifier
      let stat = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
      let start = try #require(stat.split(separator: " ").dropFirst(21).first)
      try "\(pid) \(sameStart ? String(start) : "12")\n"
        .write(toFile: "\(host.root)/bot1/pid", atomically: true, encoding: .utf8)
      #expect(try await host.bot().state == .stalePID)
      let answer = try await host.swap("v2", v2)
      #expect(try answer.results.map(\.outcome) == [sameStart ? .failed : .swapped])
      #expect(stranger.isRunning)
    }
  }

  // It was called down, and a start put a second process beside it.
  @Test(arguments: ["", "1\n", "4194303 7\n"])
  func `a bot whose pid file is lost or wrong is still the bot`(_ content: String) async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1"))
      let pids = host.processes
      let file = "\(host.root)/bot1/pid"
      if content.isEmpty {
        try FileManager.default.removeItem(atPath: file)
      } else {
        try content.write(toFile: file, atomically: true, encoding: .utf8)
      }
      #expect(try await host.bot().state == .running)
      let again = try await host.run(["start", "--bots", "bot1"])
      #expect(again.status == 0)
      #expect(host.processes == pids)
      #expect(try await host.run(["stop", "--bots", "bot1"]).status == 0)
      #expect(host.processes.isEmpty)
      #expect(try await host.bot().state == .down)
    }
  }

  @Test func `reading changes nothing on a host`() async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1"), bots: "bot1 bot2 bot3")
      _ = try await host.run(["stop", "--bots", "bot2"])
      let pids = host.processes
      for pid in pids { kill(pid, SIGSTOP) }
      let before = try await host.command(
        ["sh", "-c", "echo \"log\t-\tx=$(host_tree | sha256sum)\""].map {
          $0.replacing("host_tree", with: "find $HOME -printf '%p %i %m %T@ %C@ %s\\n' | sort")
        }
      )
      for verb in [["facts"], ["inspect"], ["list"], ["logs", "--bots", "bot1 bot2 bot9"], ["--attach", "r"]] {
        #expect(!(try await host.run(verb).text.isEmpty))
      }
      let after = try await host.command(
        ["sh", "-c", "echo \"log\t-\tx=$(host_tree | sha256sum)\""].map {
          $0.replacing("host_tree", with: "find $HOME -printf '%p %i %m %T@ %C@ %s\\n' | sort")
        }
      )
      #expect(before.text == after.text)
    }
  }

  @Test func `the command runs only the very script it names`() async throws {
    try await TestHost.with { host in
      let script = try TestHost.script()
      #expect(try await host.command(script.command(["facts"])).status == HostScript.missingStatus)
      let broken = Array(script.text.utf8.dropLast(20))
      #expect(try await host.command(script.installation(), input: broken).status == HostScript.driftStatus)
      #expect(try await host.command(script.installation(), input: Array(script.text.utf8)).status == 0)
      let answer = try await host.command(["sh", "-c", script.commandLine(["facts"])])
      #expect(answer.status == 0)
      let facts = try HostFacts(try #require(answer.lines.first))
      #expect(facts.script == script.sha256 && facts.notReady == nil && facts.diskFreeKB > 0)
      let path = "\(host.home)/\(script.remotePath)"
      try (script.text + "# \n").write(toFile: path, atomically: true, encoding: .utf8)
      #expect(try await host.command(script.command(["facts"])).status == HostScript.driftStatus)
    }
  }

  @Test(arguments: [
    [], ["dance"], ["swap"], ["stop", "--bots"], ["stop", "--bots", "a/b"], ["stop", "--bots", "*"],
    ["stop", "--bots", "bot1-prev"], ["stop", "--bots", "bot1", "--stop", "010"],
    ["stop", "--bots", "bot1", "--x", "1"],
    ["stop", "--bots", "bot1", "--run", "../x"], ["pull", "--image", "v1", "--digest", "sha256:12"],
  ])
  func `a wrong command line does nothing`(arguments: [String]) async throws {
    try await TestHost.with { host in
      let answer = try await host.run(arguments)
      #expect(answer.status == 2)
      #expect(answer.code == "host.usage")
      #expect(!host.exists(".opsh"))
    }
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/shellcheck")))
  func `shellcheck finds nothing`() async throws {
    let check = Subprocess(path: "/usr/bin/shellcheck", arguments: ["-s", "sh", "-"])
    var fed = check
    fed.input = Array(try TestHost.script().text.utf8)
    let ending = try await fed.run()
    #expect(ending.status == 0, "\(String(decoding: ending.output, as: UTF8.self))")
  }
}

extension TestHost {
  /// A PATH that has every program but one.
  func pathWithout(_ program: String) async throws -> String {
    let script = """
      mkdir -p "$HOME/path" && ln -sf /usr/bin/* "$HOME/path" && ln -sf /bin/* "$HOME/path" && rm "$HOME/path/\(program)"
      """
    try #require(try await command(["sh", "-c", script]).status == 0)
    return "\(home)/path"
  }
}
