import Foundation
import PrimitiveKit
import Subprocess
import Testing

@testable import HostScript

struct ExecTests {
  @Test func `sh reads the line, whatever the login shell is`() async throws {
    try await TestHost.with { host in
      let line = "printf '%s' \"${x-posix}\""
      let payload = Array(line.utf8)
      let words = [
        "exec", "--bytes", "\(payload.count)", "--sha256", SHA256(hashing: payload).hex, "--run", "r1-1",
      ]
      let ending = try await host.ending(
        host.shell.command + ["\(host.home)/host.sh"] + words,
        ["SHELL": "/bin/false"],
        payload
      )
      let answer = try #require(try ExecAnswer(ending.output, token: "r1-1"))
      #expect(answer.status == 0 && answer.output == Array("posix".utf8))
    }
  }

  @Test func `a line that no shell takes as an argument is refused before it runs`() async throws {
    try await TestHost.with { host in
      let long = "true #" + String(repeating: "x", count: 131_072)
      let refused = try await host.exec(long, run: "r1-1")
      #expect(refused.code == "host.command_too_long")
      #expect(try await host.exec(String(long.prefix(131_071)), run: "r1-2").answer("r1-2")?.status == 0)
    }
  }

  @Test(arguments: Shell.installed)
  func `a command gets its input and gives output, errors and status`(shell: Shell) async throws {
    try await TestHost.with(shell) { host in
      let said = try await host.exec("cat; echo oops >&2; printf '\\377\\000end\\n\\n'; exit 3", input: "in\n")
      let answer = try #require(said.answer)
      #expect(answer.status == 3)
      #expect(answer.output == Array("in\n".utf8) + [0xff, 0] + Array("end\n\n".utf8))
      #expect(answer.errorOutput == Array("oops\n".utf8))
      #expect(answer.dropped == 0 && answer.isKept)
    }
  }

  @Test(arguments: Shell.installed, [true, false])
  func `a private command gets variables and input, and nothing of them stays`(shell: Shell, inMemory: Bool)
    async throws
  {
    try await TestHost.with(shell) { host in
      let memory = "\(host.home)/memory"
      try FileManager.default.createDirectory(atPath: memory, withIntermediateDirectories: true)
      let environment = ["XDG_RUNTIME_DIR": inMemory ? memory : "/nonexistent"]
      let input = "zwergkaninchen-input"
      let values = "it's 2\nlineszwergkaninchen"
      // The words themselves stand in no command line, this one included.
      let line = """
        [ "$(printf %s "$A$B" | sha256sum | cut -c1-64)" = \(SHA256(hashing: values.utf8).hex) ] &&
        [ "$(sha256sum | cut -c1-64)" = \(SHA256(hashing: input.utf8).hex) ] && [ -z "${OPSH_BYTES+x}" ] && echo good
        cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -c 'zwerg[k]aninchen'
        find ~/memory ~/.opsh -type f | grep -c private
        """
      let variables = "export A='it'\\''s 2\nlines'\nexport B='zwergkaninchen'\n"
      let content = Array((line + variables + input).utf8)
      let sizes = "\(SHA256(hashing: content).hex) \(line.utf8.count) \(variables.utf8.count)\n"
      let words = shell.command + ["\(host.home)/host.sh", "exec", "--private", "--run", "r1"]
      for _ in 0..<2 {
        let said = Said(ending: try await host.ending(words, environment, Array(sizes.utf8) + content))
        #expect(said.answer?.output == Array("good\n0\n0\n".utf8), "\(said.answer?.output as Any)")
      }
      let left = try FileManager.default.subpathsOfDirectory(atPath: host.home)
      for path in left {
        let content = FileManager.default.contents(atPath: "\(host.home)/\(path)") ?? Data()
        #expect(!String(decoding: content, as: UTF8.self).contains("zwergkaninchen"), "\(path)")
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: memory).isEmpty)
      #expect(!left.contains { $0.hasSuffix("exec.stdin") || $0.contains("private") })
    }
  }

  @Test(arguments: Shell.installed)
  func `a private command that another change keeps out leaves nothing of what it was sent`(shell: Shell) async throws {
    try await TestHost.with(shell) { host in
      #expect(try await host.run(["fence", "--epoch", "9"]).status == 0)
      let content = Array("trueexport B='swordfish'\n".utf8)
      let sent = Array("\(SHA256(hashing: content).hex) 4 21\n".utf8) + content
      let words = ["exec", "--private", "--epoch", "5", "--run", "r1"]
      let said = Said(
        ending: try await host.ending(
          shell.command + ["\(host.home)/host.sh"] + words,
          ["XDG_RUNTIME_DIR": "/nonexistent"],
          sent
        )
      )
      #expect(said.answer == nil && said.code != nil, "\(said)")
      for path in try FileManager.default.subpathsOfDirectory(atPath: "\(host.home)/.opsh") {
        let text = FileManager.default.contents(atPath: "\(host.home)/.opsh/\(path)")
        #expect(text.map { String(decoding: $0, as: UTF8.self).contains("swordfish") } != true, "\(path)")
      }
    }
  }

  @Test(arguments: Shell.installed)
  func `a command runs once under its run, whoever asks for it again`(shell: Shell) async throws {
    try await TestHost.with(shell) { host in
      for _ in 0..<3 {
        let said = try await host.exec("echo x >>count; cat count")
        #expect(said.answer?.output == Array("x\n".utf8))
      }
      #expect(try await host.attach().answer?.output == Array("x\n".utf8))
      #expect(host.contents("count") == "x\n")
    }
  }

  @Test(arguments: Shell.installed)
  func `a lost connection does not end a command`(shell: Shell) async throws {
    try await TestHost.with(shell) { host in
      let command = "echo x >>count; until [ -e go ]; do sleep 0.1; done; cat count"
      let caller = Task { try await host.exec(command) }
      try await host.until { host.exists("count") }
      caller.cancel()
      _ = await caller.result
      async let again = host.exec(command)
      async let other = host.attach()
      try host.touch("go")
      #expect(try await again.answer?.output == Array("x\n".utf8))
      #expect(try await other.answer?.output == Array("x\n".utf8))
      #expect(host.contents("count") == "x\n")
    }
  }

  @Test func `a command whose end nobody saw is not run again`() async throws {
    try await TestHost.with { host in
      let caller = Task { try await host.exec("echo x >>count; sleep 30") }
      try await host.until { host.exists("count") && host.exists(".opsh/runs/r1/exec.child") }
      let worker = try #require(host.number(".opsh/runs/r1/exec.pid"))
      let child = try #require(host.number(".opsh/runs/r1/exec.child"))
      kill(worker, SIGKILL)
      kill(-child, SIGKILL)
      #expect(try await caller.value.code == "host.run_died")
      #expect(try await host.exec("echo x >>count; sleep 30").code == "host.run_died")
      #expect(try await host.attach().code == "host.run_died")
      #expect(host.contents("count") == "x\n")
    }
  }

  @Test(arguments: Shell.installed)
  func `a command that did not arrive whole is not run`(shell: Shell) async throws {
    try await TestHost.with(shell) { host in
      let cut = try await host.exec("touch made", cut: 3)
      #expect(cut.code == "host.input_cut")
      #expect(cut.ending.status == 4)
      #expect(!host.exists("made"))
      #expect(try await host.attach().code == "host.no_run")
      #expect(try await host.exec("touch made").answer?.status == 0)
      #expect(host.exists("made"))
    }
  }

  @Test(arguments: Shell.installed)
  func `of much output the first and the last half stay`(shell: Shell) async throws {
    try await TestHost.with(shell) { host in
      let said = try await host.exec("seq 1 20000; seq 1 300 >&2", limit: 1000)
      let answer = try #require(said.answer)
      let all = Array((1...20000).map { "\($0)\n" }.joined().utf8)
      #expect(answer.output == all.prefix(500) + all.suffix(500))
      #expect(answer.errorOutput.count == 1000)
      #expect(answer.dropped == all.count - 1000 + (9 + 180 + 804 - 1000 + 99))
      #expect(try host.bytes(".opsh/runs/r1") < 40_000)
    }
  }

  @Test func `what a command leaves in the background holds nothing up and holds no lock`() async throws {
    try await TestHost.with { host in
      let begun = ContinuousClock.now
      let said = try await host.exec("(sleep 20; echo late) & echo $!")
      let output = try #require(said.answer?.output)
      #expect(ContinuousClock.now - begun < .seconds(10))
      let pid = try #require(pid_t(String(decoding: output, as: UTF8.self).trimmingCharacters(in: .newlines)))
      #expect(kill(pid, 0) == 0)
      #expect(try await host.exec("echo next", run: "r2").answer("r2")?.status == 0)
      kill(pid, SIGKILL)
    }
  }

  @Test(arguments: [true, false])
  func `commands follow each other or are refused`(waits: Bool) async throws {
    try await TestHost.with { host in
      async let first = host.exec("touch begun; until [ -e go ]; do sleep 0.1; done; echo one >>order")
      try await host.until { host.exists("begun") }
      if waits {
        async let second = host.exec("echo two >>order", run: "r2", wait: 20)
        try await host.until { host.exists(".opsh/runs/r2/exec.in") }
        try host.touch("go")
        #expect(try await second.answer("r2")?.status == 0)
        #expect(host.contents("order") == "one\ntwo\n")
      } else {
        let second = try await host.exec("echo two >>order", run: "r2")
        #expect(second.code == "host.locked")
        try host.touch("go")
      }
      #expect(try await first.answer?.status == 0)
    }
  }

  @Test func `a command has the caller's umask, no ignored signals and a session of its own`() async throws {
    try await TestHost.with { host in
      let said = try await host.exec("umask; grep SigIgn /proc/$$/status; ls /proc/$$/fd; ps -o sid= -p $$; echo $$")
      let lines = String(decoding: try #require(said.answer?.output), as: UTF8.self).split(separator: "\n")
      #expect(lines.first == "0022")
      #expect(UInt64(lines[1].suffix(16), radix: 16).map { $0 & 0x7fff_ffff } == 0)
      // The caller's output and the lock; what else is open was the test's own.
      #expect(Set(lines.dropFirst(2)).isDisjoint(with: ["8", "9"]))
      #expect(lines.suffix(2).map { $0.trimmingCharacters(in: .whitespaces) }.count == 2)
      #expect(lines.suffix(2).first?.trimmingCharacters(in: .whitespaces) == lines.last.map(String.init))
    }
  }

  @Test(arguments: Shell.installed)
  func `a command can be ended by the name of its run`(shell: Shell) async throws {
    try await TestHost.with(shell) { host in
      async let caller = host.exec("touch begun; sleep 60; echo never", run: "20261121-1-abc-77")
      try await host.until { host.exists("begun") }
      let ended = try await host.run(["kill", "--run", "20261121-1-abc", "--stop", "5"])
      #expect(ended.status == 0, "\(ended)")
      #expect(try ended.results.map(\.outcome) == [.stopped])
      #expect(try await caller.answer("20261121-1-abc-77")?.status == 143)
      let again = try await host.run(["kill", "--run", "20261121-1-abc"])
      #expect(try again.results.map(\.outcome) == [.unchanged])
      #expect(try await host.run(["kill", "--run", "r9"]).code == "host.no_run")
    }
  }

  @Test(arguments: Shell.installed)
  func `an older epoch begins nothing and leaves nothing behind`(shell: Shell) async throws {
    try await TestHost.with(shell) { host in
      #expect(try await host.run(["fence", "--epoch", "8"]).status == 0)
      let late = try await host.exec("touch made", more: ["--epoch", "7"])
      #expect(late.code == "host.stale_epoch")
      #expect(late.ending.status == 3)
      #expect(!host.exists("made"))
      #expect(try await host.attach().code == "host.no_run")
      #expect(try await host.exec("touch made", more: ["--epoch", "8"]).answer?.status == 0)
      let older = try await host.run(["fence", "--epoch", "6"])
      #expect(older.code == "host.stale_epoch" && older.status == 3)
      #expect(host.contents(".opsh/epoch") == "8\n")
    }
  }

  @Test func `a fence does not wait for what is at work, and names it`() async throws {
    try await TestHost.with { host in
      async let caller = host.exec("touch begun; until [ -e go ]; do sleep 0.1; done", more: ["--epoch", "3"])
      try await host.until { host.exists("begun") }
      let fence = try await host.run(["fence", "--epoch", "4"])
      #expect(fence.lines.first?["run"] == "r1")
      try host.touch("go")
      #expect(try await caller.answer?.status == 0)
      #expect(try await host.run(["fence", "--epoch", "5"]).lines.first?["run"] == "")
    }
  }

  @Test(arguments: Shell.installed)
  func `old runs lose their output and stay known`(shell: Shell) async throws {
    try await TestHost.with(shell) { host in
      _ = try await host.exec("echo first")
      for number in 0..<52 {
        try FileManager.default.createDirectory(
          atPath: "\(host.home)/.opsh/runs/x\(number)",
          withIntermediateDirectories: true
        )
      }
      let old = Date(timeIntervalSinceNow: -3600)
      try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: "\(host.home)/.opsh/runs/r1")
      let ancient = Date(timeIntervalSinceNow: -40 * 86_400)
      try FileManager.default.setAttributes([.modificationDate: ancient], ofItemAtPath: "\(host.home)/.opsh/runs/x7")
      _ = try await host.exec("echo second", run: "r2")
      let answer = try #require(try await host.attach().answer)
      #expect(answer.status == 0 && answer.output.isEmpty && !answer.isKept)
      #expect(try await host.exec("echo first").answer?.isKept == false)
      #expect(!host.exists(".opsh/runs/x7") && host.exists(".opsh/runs/x8"))
    }
  }

  @Test func `an answer is found behind a greeting and must be whole`() throws {
    let line = "exec\tr-1\tstatus=2\tout=3\terr=1\tdropped=0\tseconds=0.2\tkept=yes\n"
    let answer = try ExecAnswer(Array(("Welcome!\n" + line + "abcd").utf8), token: "r-1")
    #expect(answer?.output == Array("abc".utf8) && answer?.errorOutput == Array("d".utf8) && answer?.status == 2)
    #expect(try ExecAnswer(Array("Welcome!\n".utf8), token: "r-1") == nil)
    #expect(try ExecAnswer(Array(line.utf8), token: "r-2") == nil)
    #expect(throws: HostScriptError.self) { try ExecAnswer(Array((line + "abc").utf8), token: "r-1") }
  }
}

/// What the host script printed for a command.
struct Said: Sendable {
  let ending: Subprocess.Ending

  var answer: ExecAnswer? { answer("r1") }

  func answer(_ token: String) -> ExecAnswer? { try? ExecAnswer(ending.output, token: token) }

  /// The code of the error it ended with.
  var code: String? {
    let lines = String(decoding: ending.output, as: UTF8.self).split(separator: "\n")
    return lines.compactMap { try? HostLine(parsing: String($0)) }.last { $0.kind == .error }?["code"]
  }
}

extension TestHost {
  /// Runs a command as opsh does; `cut` leaves that many bytes out of what is sent.
  func exec(
    _ line: String,
    input: String = "",
    run: String = "r1",
    wait: Int = 0,
    limit: Int = 1 << 20,
    cut: Int = 0,
    more: [String] = []
  ) async throws -> Said {
    let payload = Array((line + input).utf8)
    let words = [
      "exec", "--bytes", "\(line.utf8.count)", "--sha256", SHA256(hashing: payload).hex, "--limit", "\(limit)",
      "--wait", "\(wait)", "--run", run,
    ]
    let command = ["sh", "-c", "umask 022; cd; exec \"$@\"", "opsh"] + shell.command + ["\(home)/host.sh"]
    return Said(ending: try await ending(command + words + more, [:], payload.dropLast(cut)))
  }

  func attach(_ run: String = "r1") async throws -> Said {
    Said(ending: try await ending(shell.command + ["\(home)/host.sh", "--attach", run]))
  }

  func touch(_ path: String) throws { try Data().write(to: URL(filePath: "\(home)/\(path)")) }

  /// The first word of a file, as the number of a process.
  func number(_ path: String) -> pid_t? { contents(path).split(separator: " ").first.flatMap { pid_t($0) } }

  /// The bytes of all files in a directory.
  func bytes(_ path: String) throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "\(home)/\(path)").reduce(0) { sum, name in
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(home)/\(path)/\(name)")
      return sum + (attributes[.size] as? Int ?? 0)
    }
  }
}
