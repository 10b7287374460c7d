import Testing

@testable import Rollout

@Test func `the line is the guide's`() {
  let line = ProgressLine(finished: 104, items: 178, errors: 0, elapsedSeconds: 612)
  #expect(line.text(width: 80) == "[############........] 104/178 hosts · 0 errors · 612s")
}

@Test(
  arguments: [
    (80, "[############........] 104/178 hosts · 0 errors · 612s · ~441s left"),
    (67, "[############........] 104/178 hosts · 0 errors · 612s · ~441s left"),
    (66, "[############........] 104/178 hosts · 0 errors · 612s"),
    (54, "[############........] 104/178 hosts · 0 errors · 612s"),
    (53, "[###########........] 104/178 hosts · 0 errors · 612s"), (38, "[##..] 104/178 hosts · 0 errors · 612s"),
    (37, "104/178 hosts · 0 errors · 612s"), (12, "104/178 host"), (0, ""),
  ])
func `a narrow terminal loses the time left first, then the bar`(width: Int, expected: String) {
  let line = ProgressLine(finished: 104, items: 178, errors: 0, elapsedSeconds: 612, remainingSeconds: 441)
  #expect(line.text(width: width) == expected)
}

@Test(
  arguments: [
    (0, 178, "[....................] 0/178 hosts · 0 errors · 1s"),
    (177, 178, "[###################.] 177/178 hosts · 0 errors · 1s"),
    (178, 178, "[####################] 178/178 hosts · 0 errors · 1s"),
    (0, 0, "[....................] 0/0 hosts · 0 errors · 1s"),
  ])
func `the bar is full when all is done and not before`(finished: Int, hosts: Int, expected: String) {
  #expect(ProgressLine(finished: finished, items: hosts, errors: 0, elapsedSeconds: 1).text(width: 80) == expected)
}

@Test func `unknown and unreachable hosts are shown when there are any`() {
  var line = ProgressLine(finished: 4, items: 8, errors: 1, elapsedSeconds: 9)
  line.unknown = 1
  line.unreachable = 2
  #expect(line.text(width: 90) == "[##########..........] 4/8 hosts · 1 error · 1 unknown · 2 unreachable · 9s")
}
