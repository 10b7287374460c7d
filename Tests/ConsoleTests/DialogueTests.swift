import Console
import PrimitiveKit
import Testing

struct DialogueTests {
  private func status(_ text: String, isMilestone: Bool = false) -> ProgressStatus {
    ProgressStatus(line: "[#] \(text)", plain: text, isMilestone: isMilestone)
  }

  @Test func `a log gets milestones at once and one line in five seconds`() {
    let (output, progress, clock) = (Recorder(), Recorder(), HandClock())
    let dialogue = PlainDialogue(
      output: output,
      progress: progress,
      isQuiet: false,
      notes: NotedExit(),
      now: { clock.now }
    )
    dialogue.progress(status("1"))
    dialogue.progress(status("2"))
    clock.advance(.seconds(4))
    dialogue.progress(status("gate", isMilestone: true))
    clock.advance(.seconds(4))
    dialogue.progress(status("3"))
    clock.advance(.seconds(1))
    dialogue.progress(status("4"))
    dialogue.progress(status("5"))
    dialogue.progress(nil)
    dialogue.say("done")
    #expect(progress.lines == ["1", "gate", "4", "5"])
    #expect(output.lines == ["done"])
  }

  @Test func `a log gets no line of progress twice, whenever it is said`() {
    let (progress, clock) = (Recorder(), HandClock())
    let dialogue = PlainDialogue(
      output: Recorder(),
      progress: progress,
      isQuiet: false,
      notes: NotedExit(),
      now: { clock.now }
    )
    dialogue.progress(status("6/6"))
    clock.advance(.seconds(6))
    dialogue.progress(status("6/6"))
    dialogue.progress(status("6/6", isMilestone: true))
    dialogue.progress(nil)
    #expect(progress.lines == ["6/6"])
    dialogue.progress(status("6/6"))
    #expect(progress.lines == ["6/6", "6/6"])
  }

  @Test func `what is said cannot command the terminal`() {
    let (output, plain) = (Recorder(), Recorder())
    let terminal = TerminalDialogue(output: output, isQuiet: false, notes: NotedExit(), width: { 80 }, question: nil)
    let log = PlainDialogue(output: plain, progress: plain, isQuiet: false, notes: NotedExit())
    for dialogue: any Dialogue in [terminal, log] { dialogue.say("a\tb\n\u{1B}[31mred\u{9B}2J \u{202E}✅ é") }
    #expect(output.lines == ["a\tb", #"\x1b[31mred\u{9b}2J \u{202e}✅ é"#])
    #expect(plain.lines == output.lines)
  }

  @Test func `a screen replaces the one before, fits, and cannot command the terminal`() {
    let (output, plain) = (Recorder(), Recorder())
    let terminal = TerminalDialogue(
      output: output,
      isQuiet: false,
      notes: NotedExit(),
      width: { 20 },
      height: { 10 },
      question: nil
    )
    terminal.screen(["one", "a line that is far too long", "\u{1B}[2J"])
    terminal.screen(["two"])
    #expect(
      output.text == "\u{1B}[H\u{1B}[Jone\na line that is far…\n\\x1b[2J\n\u{1B}[H\u{1B}[Jtwo\n"
    )
    #expect(terminal.rows == 10)
    let log = PlainDialogue(output: plain, progress: plain, isQuiet: false, notes: NotedExit())
    log.screen(["one", "two"])
    #expect(plain.lines == ["one", "two"])
  }

  @Test func `quiet keeps talk and progress back`() {
    let output = Recorder()
    for dialogue: any Dialogue in [
      PlainDialogue(output: output, progress: output, isQuiet: true, notes: NotedExit()),
      JSONDialogue(output: output, isQuiet: true, notes: NotedExit()),
      TerminalDialogue(output: output, isQuiet: true, notes: NotedExit(), width: { 80 }, question: nil),
    ] {
      dialogue.say("hello")
      dialogue.progress(status("1"))
      dialogue.progress(nil)
    }
    #expect(output.text.isEmpty)
  }

  @Test func `an event is one line with its name and time first`() {
    let output = Recorder()
    let dialogue = JSONDialogue(output: output, isQuiet: false, notes: NotedExit(), time: { 1_772_323_199.25 })
    dialogue.event(SessionEvent("deploy.host", ["outcome": .string("o\nk"), "host": .string("web1"), "time": .int(3)]))
    dialogue.say("a\nb")
    #expect(
      output.lines == [
        #"{"event":"deploy.host","time":"2026-02-28T23:59:59.250Z","host":"web1","outcome":"o\nk","time_":3}"#,
        #"{"event":"say","time":"2026-02-28T23:59:59.250Z","text":"a\nb"}"#,
      ]
    )
  }

  @Test(arguments: [
    (0.0, "1970-01-01T00:00:00.000Z"), (951_782_400, "2000-02-29T00:00:00.000Z"),
    (-0.001, "1969-12-31T23:59:59.999Z"), (4_102_444_799.999, "2099-12-31T23:59:59.999Z"),
  ])
  func `a time stamp is UTC to the millisecond`(seconds: Double, text: String) {
    let output = Recorder()
    JSONDialogue(output: output, isQuiet: false, notes: NotedExit(), time: { seconds }).event(SessionEvent("x"))
    #expect(output.text == #"{"event":"x","time":"\#(text)"}"# + "\n")
  }

  @Test func `without a person a question is an error that names the option`() async {
    for dialogue: any Dialogue in [
      PlainDialogue(output: Recorder(), progress: Recorder(), isQuiet: false, notes: NotedExit()),
      JSONDialogue(output: Recorder(), isQuiet: false, notes: NotedExit()),
      TerminalDialogue(output: Recorder(), isQuiet: false, notes: NotedExit(), width: { 80 }, question: nil),
    ] {
      #expect(!dialogue.isInteractive)
      let error = await #expect(throws: CallFailure.self) { try await dialogue.ask("Type 178 to go on: ") }
      #expect(error?.code == "prompt.not_interactive")
      #expect(error?.hint?.contains("--yes") == true)
    }
  }

  @Test func `talk stands above the live line, which is cleared at the end`() {
    let output = Recorder()
    let dialogue = TerminalDialogue(
      output: output,
      isQuiet: false,
      notes: NotedExit(),
      width: { 20 },
      question: nil
    )
    let erase = "\r\u{1B}[2K"
    dialogue.progress(status("1"))
    dialogue.progress(status("1"))
    dialogue.say("note")
    dialogue.progress(status("a line that is far too long"))
    dialogue.progress(nil)
    dialogue.say("end")
    #expect(
      output.text == "\(erase)[#] 1\(erase)note\n[#] 1\(erase)[#] a line that is…\(erase)end\n"
    )
  }

  @Test func `the live line is gone while a question is asked`() async throws {
    let output = Recorder()
    let dialogue = TerminalDialogue(output: output, isQuiet: false, notes: NotedExit(), width: { 80 }) {
      question async throws(CallFailure) in
      output.write(question)
      return "yes"
    }
    dialogue.progress(status("1"))
    #expect(try await dialogue.ask("sure? ") == "yes")
    #expect(output.text.hasSuffix("[#] 1\r\u{1B}[2Ksure? "))
  }

  @Test func `the worst note wins`() {
    let notes = NotedExit()
    #expect(notes.worst == .ok)
    for code: ExitCode in [.failuresWithinBudget, .budgetBreached, .ok, .planInexact] { notes.note(code) }
    #expect(notes.worst == .budgetBreached)
  }
}
