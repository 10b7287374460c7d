import Fleet
import PrimitiveKit
import Testing

struct OutputReportTests {
  private func finished(_ host: String, _ stdout: String = "", _ stderr: String = "", exit: Int = 0) -> HostOutput {
    HostOutput(host: host, state: .finished(.exit(exit)), stdout: Array(stdout.utf8), stderr: Array(stderr.utf8))
  }

  @Test func `identical outputs fold under their hosts`() {
    let names = (1...178).map { "web" + String("00\($0)".suffix(3)) }
    var outputs = names.prefix(171).map { finished($0, "Linux 6.1\n") }
    outputs.append(finished("web172", "Linux 5.10\nold kernel\n", "warning: eol\n", exit: 1))
    outputs.append(finished("web173"))
    outputs.append(HostOutput(host: "web174", state: .unreachable("connection refused")))
    outputs.append(HostOutput(host: "web175", state: .unreachable("connection refused")))
    outputs.append(HostOutput(host: "web176", state: .timedOut, stdout: Array("half".utf8)))
    outputs.append(HostOutput(host: "web177", state: .unknown("connection lost")))
    outputs.append(HostOutput(host: "web178", state: .notRun("cancelled")))
    #expect(
      OutputReport().lines(for: outputs.reversed()) == [
        "web[001-171] (171): exit 0",
        "  Linux 6.1",
        "web172 (1): exit 1",
        "  Linux 5.10",
        "  old kernel",
        "  ! warning: eol",
        "web173 (1): exit 0, no output",
        "web176 (1): timed out",
        "  half",
        "web177 (1): unknown: connection lost",
        "web[174-175] (2): unreachable: connection refused",
        "web178 (1): not run: cancelled",
        "178 hosts: 172 ok (1 without output), 1 failed, 1 timed out, 1 unknown, 2 unreachable, 1 not run",
      ]
    )
  }

  @Test func `answers that read the same are one group, and what nobody sees is said`() {
    let outputs = [finished("a1", "v1\n"), finished("a2", "v1"), finished("a3", "v1  \r\n"), finished("a4", "v2\n")]
    #expect(
      OutputReport().lines(for: outputs) == [
        "a[1-3] (3): exit 0", "  v1", "  … these answers differ only in trailing spaces or line ends",
        "a4 (1): exit 0", "  v2", "4 hosts: 4 ok, 0 failed, 0 timed out, 0 unknown, 0 unreachable, 0 not run",
      ]
    )
  }

  @Test func `groups that look the same say that they differ beyond what is shown`() {
    let outputs = [finished("a1", "1\n2\n3a\n"), finished("a2", "1\n2\n3b\n")]
    #expect(
      OutputReport(lineLimit: 2).lines(for: outputs).dropLast() == [
        "a1 (1): exit 0", "  1", "  2", "  … 1 more line", "a2 (1): exit 0", "  1", "  2", "  … 1 more line",
        "  … differs from a1 beyond what is shown",
      ]
    )
  }

  @Test func `what runs on where a command has ended is said, and so is the signal behind a status`() {
    var output = finished("a", "x", exit: 137)
    output.leftRunning = true
    #expect(
      OutputReport().lines(for: [output]) == [
        "a (1): exit 137 (KILL)", "  x", "  … a background process it started is still running there",
      ]
    )
  }

  @Test func `the largest group comes first and equals go by name`() {
    let outputs = [finished("c1", "x"), finished("b1", "y"), finished("b2", "y"), finished("a1", "z")]
    #expect(OutputGroup.groups(of: outputs).map(\.hosts.folded) == ["b[1-2]", "a1", "c1"])
  }

  @Test func `every host is in exactly one group`() {
    var generator = SplitMix64(seed: 3)
    let states: [HostOutput.State] = [
      .finished(.exit(0)), .finished(.exit(1)), .finished(.signal("KILL")), .timedOut, .unknown("a"), .unknown("b"),
      .unreachable("x"), .notRun(""),
    ]
    let outputs = (1...500).map { number in
      HostOutput(
        host: "h\(number)",
        state: states.randomElement(using: &generator) ?? .timedOut,
        stdout: Array(["", "a", "b"].randomElement(using: &generator)?.utf8 ?? "".utf8)
      )
    }
    let groups = OutputGroup.groups(of: outputs)
    #expect(groups.reduce(0) { $0 + $1.hosts.count } == 500)
    #expect(groups.reduce(NameSet()) { $0.union($1.hosts) } == NameSet(names: outputs.map(\.host)))
  }

  @Test func `a host reported twice counts once, by its last report`() {
    let groups = OutputGroup.groups(of: [HostOutput(host: "a", state: .timedOut), finished("a", "x")])
    #expect(groups.count == 1)
    #expect(groups[0].state == .finished(.exit(0)))
  }

  @Test func `long output is cut and counted`() {
    var output = finished("a", "1\n2\n3\n4\nabcdefgh\n")
    output.dropped = 1
    #expect(
      OutputReport(lineLimit: 2).lines(for: [output]) == [
        "a (1): exit 0", "  1", "  2", "  … 3 more lines", "  … 1 byte over the limit dropped",
      ]
    )
    #expect(OutputReport(widthLimit: 3).lines(for: [finished("a", "abcdefgh")]).last == "  abc… (5 more bytes)")
  }

  @Test func `a cut never splits a character`() {
    #expect(OutputReport(widthLimit: 4).lines(for: [finished("a", "ab漢字")]).last == "  ab… (6 more bytes)")
    #expect(OutputReport(widthLimit: 5).lines(for: [finished("a", "ab漢字")]).last == "  ab漢… (3 more bytes)")
  }

  @Test(arguments: [
    (TransportError.unreachable(host: "a", reason: "refused", hint: nil), HostOutput.State.unreachable("refused")),
    (.lost(host: "a", reason: "reset"), .unknown("reset")), (.timedOut(host: "a", after: .seconds(1)), .timedOut),
    (.cancelled(host: "a", effectPossible: true), .unknown("cancelled while it ran")),
    (.cancelled(host: "a", effectPossible: false), .notRun("cancelled")),
    (.tooLong(host: "a", bytes: 35_000, limit: 32_000), .notRun("the command is too long (35 kB, limit 32 kB)")),
    (
      .tooLong(host: "a", bytes: 8000, limit: 32_000, sent: 40_100),
      .notRun("the command is too long (8 kB, 41 kB once quoted for the login shell, limit 32 kB)")
    ),
    (.local(host: "a", reason: "no memory", hint: nil), .notRun("a: nothing was sent: no memory")),
  ])
  func `a transport error has its class`(error: TransportError, state: HostOutput.State) {
    #expect(HostOutput(host: "a", error: error).state == state)
  }

  @Test func `a signal and an empty report have words`() {
    #expect(
      OutputReport().lines(for: [HostOutput(host: "a", state: .finished(.signal("SEGV")))]) == [
        "a (1): killed by SEGV, no output"
      ]
    )
    #expect(OutputReport().lines(for: []) == ["no hosts"])
  }

  @Test(arguments: [
    ([UInt8]("a\tb".utf8), ["a\tb"]), (Array("\u{1B}[31mred\u{7}".utf8), ["\\x1b[31mred\\x07"]),
    ([0xFF, 0x41, 0xC3], ["\\xffA\\xc3"]), (Array("é漢😀".utf8), ["é漢😀"]), (Array("a\r\nb\r".utf8), ["a", "b"]),
    (Array("50%\r60%\n".utf8), ["50%\\x0d60%"]), (Array("x\u{202E}y\u{9B}z".utf8), ["x\\u{202e}y\\u{9b}z"]),
    ([0, 127], ["\\x00\\x7f"]), ([], []), (Array("\n\n".utf8), ["", ""]), ([0xED, 0xA0, 0x80], ["\\xed\\xa0\\x80"]),
  ])
  func `no raw control byte reaches the terminal`(bytes: [UInt8], lines: [String]) {
    #expect(SafeText.lines(bytes) == lines)
  }

  @Test func `random bytes render without control characters`() {
    var generator = SplitMix64(seed: 4)
    for _ in 0..<200 {
      let bytes = (0..<64).map { _ in UInt8.random(in: 0...255, using: &generator) }
      for line in SafeText.lines(bytes) {
        #expect(line.unicodeScalars.allSatisfy { $0 == "\t" || ($0.value >= 32 && !(127..<160).contains($0.value)) })
      }
    }
  }
}
