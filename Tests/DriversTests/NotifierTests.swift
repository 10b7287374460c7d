import Drivers
import Foundation
import OpshTesting
import PrimitiveKit
import Runs
import Testing

@Suite(.timeLimit(.minutes(1))) struct NotifierTests {
  let dialogue = RecordingDialogue()
  let file = NSTemporaryDirectory() + "opsh-notice-\(UUID().uuidString)"
  let notice = RunNotice(
    event: "question.unanswered",
    site: "lab",
    run: "r-1",
    at: Date(timeIntervalSince1970: 1_800_000_000),
    fields: ["question": .string("swap \"web1\"?"), "waited": .int(180), "run": .string("another")]
  )

  func hook(_ words: String..., deadline: Duration = .seconds(30)) -> RunNotices {
    RunNotices([ProgramNotifier(name: "notify", command: words, deadline: deadline)], dialogue: dialogue)
  }

  @Test func `the program hears each notice as one line of JSON`() async throws {
    defer { try? FileManager.default.removeItem(atPath: file) }
    let hook = hook("sh", "-c", "cat >> \"$0\"", file)
    hook.notify(notice)
    await hook.finish()
    let line = #"{"at":"2027-01-15T08:00:00Z","event":"question.unanswered","question":"swap \"web1\"?","run":"r-1","#
    #expect(try String(contentsOfFile: file, encoding: .utf8) == line + #""site":"lab","waited":180}"# + "\n")
    #expect(dialogue.said == [])
  }

  @Test func `a program that fails is spoken of once`() async {
    let hook = hook("/bin/sh", "-c", "echo no network >&2; exit 3")
    for _ in 0..<3 { hook.notify(notice) }
    await hook.finish()
    #expect(
      dialogue.said == ["notify: /bin/sh: it exited with status 3: no network; the run continues"]
    )
  }

  @Test func `a program that hangs is ended`() async {
    let hook = hook("/bin/sh", "-c", "sleep 60", deadline: .milliseconds(50))
    hook.notify(notice)
    await hook.finish()
    #expect(dialogue.text.contains("did not finish within 0.05 s"))
  }

  @Test(arguments: ["/no/such/program", "no-such-program-anywhere"]) func `a missing program stops nothing`(
    name: String
  ) async {
    let hook = hook(name)
    hook.notify(notice)
    await hook.finish()
    #expect(dialogue.said.count == 1)
  }

  @Test func `a program that does not read is no problem`() async {
    let hook = hook("true")
    hook.notify(notice)
    await hook.finish()
    #expect(dialogue.said == [])
  }

  @Test func `a program that prints without end is ended`() async {
    let hook = hook(
      "/bin/sh",
      "-c",
      "while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done"
    )
    hook.notify(notice)
    await hook.finish()
    #expect(dialogue.said == ["notify: /bin/sh: it printed more than 1 MiB; the run continues"])
  }

  @Test func `what a program leaves behind holds nobody up`() async {
    let hook = hook("/bin/sh", "-c", "sleep 60 & exit 0")
    let elapsed = ContinuousClock().now
    hook.notify(notice)
    await hook.finish()
    #expect(dialogue.said == [] && ContinuousClock().now - elapsed < .seconds(40))
  }
}
