import Console
import Testing

struct InterruptLadderTests {
  @Test(arguments: [
    ([0.0], [InterruptLadder.Step.cancel]),
    ([0, 1, 2], [.cancel, .report, .leave]),
    ([0, 60, 120, 121], [.cancel, .report, .report, .leave]),
    ([0, 1, 3.5, 5], [.cancel, .report, .report, .leave]),
  ])
  func `the first press cancels, impatience leaves, patience never does`(
    seconds: [Double],
    steps: [InterruptLadder.Step]
  ) {
    var ladder = InterruptLadder()
    let start = ContinuousClock.now
    #expect(seconds.map { ladder.press(at: start + .seconds($0)) } == steps)
  }
}
