import Foundations
import Testing

struct OpenFilesTests {
  @Test(arguments: [0, 12, 45, 61, 64, 128, 1021, 4093, 65_533])
  func `shares leave the reserve, and everything has one`(free: Int) {
    let shares = OpenFiles(free: free)
    #expect(shares.connections >= 1 && shares.dials >= 1 && shares.children >= 2)
    guard free > OpenFiles.reserve + 16 else { return }
    #expect(shares.connections + 2 * shares.dials + 6 * shares.children <= free - OpenFiles.reserve)
  }

  @Test func `usual limits hold nobody back`() {
    let shares = OpenFiles(free: 1021)
    #expect(shares.connections > 600 && shares.dials == 30 && shares.children > 30)
  }
}

/// Counts who is inside at once.
private actor Inside {
  private var now = 0
  private(set) var most = 0
  private(set) var all = 0

  func enter() {
    now += 1
    all += 1
    most = max(most, now)
  }

  func leave() { now -= 1 }
}

struct PlacesTests {
  @Test func `as many as there are places are in at once, and all get in`() async {
    let places = Places(3)
    let inside = Inside()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<100 {
        group.addTask {
          let place = await places.take()
          await inside.enter()
          await Task.yield()
          await inside.leave()
          withExtendedLifetime(place) {}
        }
      }
    }
    #expect(await inside.most <= 3)
    #expect(await inside.all == 100)
  }

  @Test func `who is cancelled while waiting gets none and takes none`() async {
    let places = Places(1)
    var place = places.takeIfFree()
    #expect(place != nil && places.takeIfFree() == nil)
    let waiting = Task { await places.take() != nil }
    while !places.areWanted { await Task.yield() }
    waiting.cancel()
    #expect(await !waiting.value)
    #expect(!places.areWanted)
    place = nil
    #expect(places.takeIfFree() != nil)
  }
}
