import Testing

@testable import EventLoop

struct TimerHeapTests {
  @Test func `timers come out by time whatever the order they went in`() {
    var heap = TimerHeap()
    var random = SystemRandomNumberGenerator()
    let times = (0..<500).map { _ in Int64.random(in: 0..<1000, using: &random) }
    var ids: [UInt64] = []
    for time in times { ids.append(heap.add(due: MonotonicTime(nanoseconds: time)) {}) }
    for id in ids.prefix(200) { heap.remove(id) }
    let kept = times.dropFirst(200).sorted()
    var seen: [Int64] = []
    while let next = heap.next {
      let due = heap.takeDue(at: next)
      seen += Array(repeating: next.nanoseconds, count: due.count)
    }
    #expect(seen == kept)
  }

  @Test func `a delay beyond the clock is the end of time`() {
    let late = MonotonicTime(nanoseconds: 5) + .seconds(Int64.max / 2)
    #expect(late > MonotonicTime.now)
  }
}
