import OpshTesting
import PrimitiveKit
import Testing

@testable import Fleet
@testable import Rollout

struct RolloutViewTests {
  private func progress(_ change: RolloutProgress.Change, failed: Int = 0, flying: [String] = []) -> RolloutProgress {
    var tally = RolloutTally()
    tally[.ok] = 3
    tally[.failed] = failed
    return RolloutProgress(
      change: change,
      tally: tally,
      inFlight: flying,
      items: 10,
      elapsed: .seconds(42),
      remaining: .seconds(60)
    )
  }

  @Test func `the live line is the bar of seed 001`() {
    let dialogue = RecordingDialogue(columns: 80)
    RolloutView(dialogue: dialogue, run: "r").show(progress(.started(item: "web004"), flying: ["web004"]))
    #expect(dialogue.lines.map(\.line) == ["[######..............] 3/10 hosts · 0 errors · 42s · ~60s left"])
    #expect(dialogue.said == [])
  }

  @Test func `the live line fits a narrow terminal`() {
    let dialogue = RecordingDialogue(columns: 40)
    RolloutView(dialogue: dialogue, run: "r").show(progress(.started(item: "web004")))
    #expect(dialogue.lines.allSatisfy { $0.line.count < 40 })
    #expect(dialogue.lines.first?.plain.contains("~60s left") == true)
  }

  @Test func `a host that is not ok gets a line of its own and a milestone`() {
    let dialogue = RecordingDialogue()
    let view = RolloutView(dialogue: dialogue, run: "r")
    view.show(progress(.finished(item: "web003", outcome: .ok)))
    view.show(progress(.finished(item: "web004", outcome: .failed("bot7 went back")), failed: 1))
    #expect(dialogue.said == ["  web004: failed: bot7 went back"])
    #expect(dialogue.lines.map(\.isMilestone) == [false, true])
  }

  @Test(arguments: [
    (RolloutProgress.Change.halted(.gate("nobody logs in")), "  halted: a gate failed: nobody logs in"),
    (.paused(reason: "web001 no longer answers"), "  paused: web001 no longer answers"),
    (.gated(.fail("no bot runs v2")), "  gate failed: no bot runs v2"),
    (.gated(.inconclusive("no data")), "  gate inconclusive: no data"),
  ])
  func `what stops a rollout is said`(_ change: RolloutProgress.Change, _ line: String) {
    let dialogue = RecordingDialogue()
    RolloutView(dialogue: dialogue, run: "r").show(progress(change))
    #expect(dialogue.said == [line])
  }

  @Test func `a gate that passes is an event only`() {
    let dialogue = RecordingDialogue()
    RolloutView(dialogue: dialogue, run: "r").show(progress(.gated(.pass)))
    #expect(dialogue.said == [])
    #expect(dialogue.events("deploy.gate").map(\.fields) == [["run": "r".value, "verdict": "pass".value]])
  }

  @Test func `stopping says which hosts still change`() {
    let dialogue = RecordingDialogue()
    let view = RolloutView(dialogue: dialogue, run: "r")
    view.stopping()
    view.show(progress(.started(item: "web005"), flying: ["web004", "web005"]))
    view.stopping()
    #expect(
      dialogue.said == [
        "stopping: no new host starts; nothing is in flight (Ctrl-C again detaches from them)",
        "stopping: no new host starts; still changing: web[004-005] (Ctrl-C again detaches from them)",
      ]
    )
  }
}
