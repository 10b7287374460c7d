import Foundation
import PrimitiveKit
import Testing

/// Login shells hand the line to `sh` unread: the answer is that of `sh`, whatever shell it goes through.
struct LoginLineTests {
  /// The login shells of hosts, all of which are installed where the tests run; busybox stands for small systems.
  static let shells = [
    ["/bin/sh"], ["/bin/bash"], ["/usr/bin/busybox", "sh"], ["/usr/bin/tcsh"],
  ]

  static let lines = [
    "echo one two", "printf '%s|' 'a b' \"c'd\" 'e!f' 'g\\h' $HOME ~; echo", "echo a!b !! !$ ^a^b",
    "false || echo 'it is'",
    "if true; then\n  echo first\n  echo 'second\nthird'\nfi", "x=5; echo $x ${x} $((x + 1)) `echo y`",
    "echo äöü € \u{1F600}; printf '\\303\\244'", "cat <<'E'\nquoted $x\nE", "echo \"a\\\\b\"; echo '\\0101'", "exit 7",
    "export A=1; test \"$A\" = 1 && echo set", "echo {a,b} [ab] *nothing*; set -- '(x)' '#'; echo \"$@\"",
    "echo 100% %s \t tab",
  ]

  @Test(arguments: shells) func `every login shell hands a line on as it is`(shell: [String]) throws {
    for line in Self.lines {
      let plain = try run(["/bin/sh", "-c", line])
      let through = try run(shell + ["-c", LoginLine.line(line)])
      #expect(through == plain, "\(shell): \(line)")
      let marked = try run(shell + ["-c", LoginLine.line("\(line)\necho $OPSH_RUN", mark: "query-1")])
      if plain.status == 0, !line.contains("E\n") { #expect(marked.output.hasSuffix("query-1\n"), "\(shell): \(line)") }
    }
  }

  @Test(arguments: shells) func `a watched line says how it ended, and nothing else of its own`(shell: [String]) throws
  {
    for line in Self.lines + ["kill -9 $$", "echo err >&2; exit 3"] {
      let plain = try run(["/bin/sh", "-c", line], withErrors: true)
      let watched = LoginLine.watched(line, end: "the-end", mark: "query-1")
      let through = try run(shell + ["-c", watched], withErrors: true)
      #expect(through.output == "\(plain.output)\nthe-end \(plain.status)\n", "\(shell): \(line)")
      #expect(through.status == plain.status, "\(shell): \(line)")
    }
  }

  @Test func `a quote in a watched line costs no more than five bytes`() {
    let bare = LoginLine.watched("", end: "the-end", mark: "query-1").utf8.count
    let quotes = String(repeating: "'", count: 1600)
    #expect(LoginLine.watched(quotes, end: "the-end", mark: "query-1").utf8.count == bare + 8000)
    #expect(bare < 250)
  }

  @Test func `what only sh reads is not touched, and all else is a number`() {
    #expect(LoginLine.line("uptime -p") == "exec sh -c 'uptime -p'")
    #expect(LoginLine.line("echo 'a'") == #"exec sh -c 'exec sh -c "$(printf %b "$0")"' 'echo \0047a\0047'"#)
    #expect(LoginLine.line("a", mark: "m1") == "exec env OPSH_RUN=m1 sh -c 'a'")
    for line in Self.lines {
      let sent = LoginLine.line(line)
      #expect(sent.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "!") }, "\(sent)")
    }
  }

  private struct Answer: Equatable {
    var status: Int32
    var output: String
  }

  /// Runs words; a signal is a status of 128 and its number.
  private func run(_ words: [String], withErrors: Bool = false) throws -> Answer {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: words[0])
    process.arguments = Array(words.dropFirst())
    process.environment = ["HOME": "/tmp", "PATH": "/usr/bin:/bin"]
    process.standardInput = FileHandle.nullDevice
    let output = Pipe()
    process.standardOutput = output
    process.standardError = withErrors ? output : FileHandle.nullDevice
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let signal: Int32 = process.terminationReason == .uncaughtSignal ? 128 : 0
    return Answer(status: signal + process.terminationStatus, output: String(decoding: bytes, as: UTF8.self))
  }
}
