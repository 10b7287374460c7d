import EventLoop
import Testing

struct EventLoopTests {
  @Test func `a sleeper wakes after its delay`() async {
    let loop = EventLoop(name: "test")
    let begin = MonotonicTime.now
    await loop.sleep(for: .milliseconds(30))
    #expect(MonotonicTime.now - begin >= .milliseconds(30))
    loop.stop()
  }
}
