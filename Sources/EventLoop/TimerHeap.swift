/// Timers ordered by due time, with cheap cancellation.
///
/// A binary heap; a cancelled timer leaves its place in it, which goes when it comes due or when such places are the majority.
struct TimerHeap: Sendable {
  private struct Place: Sendable {
    var due: MonotonicTime
    var id: UInt64
  }

  private var places: [Place] = []
  private var bodies: [UInt64: @Sendable () -> Void] = [:]
  private var lastID: UInt64 = 0

  var isEmpty: Bool { places.isEmpty }
  var next: MonotonicTime? { places.first?.due }

  mutating func add(due: MonotonicTime, _ body: @escaping @Sendable () -> Void) -> UInt64 {
    lastID += 1
    bodies[lastID] = body
    places.append(Place(due: due, id: lastID))
    siftUp(places.count - 1)
    return lastID
  }

  mutating func remove(_ id: UInt64) {
    guard bodies.removeValue(forKey: id) != nil else { return }
    if places.count > 64, places.count > 2 * bodies.count { compact() }
  }

  /// Removes and returns the bodies that are due, oldest first.
  mutating func takeDue(at now: MonotonicTime) -> [@Sendable () -> Void] {
    var due: [@Sendable () -> Void] = []
    while let first = places.first, first.due <= now || bodies[first.id] == nil {
      removeFirst()
      if let body = bodies.removeValue(forKey: first.id) { due.append(body) }
    }
    return due
  }

  private mutating func compact() {
    places.removeAll { bodies[$0.id] == nil }
    // A sorted array is a heap.
    places.sort(by: Self.isBefore)
  }

  // Equal times keep the order in which they were added.
  private static func isBefore(_ left: Place, _ right: Place) -> Bool {
    left.due != right.due ? left.due < right.due : left.id < right.id
  }

  private mutating func removeFirst() {
    places.swapAt(0, places.count - 1)
    places.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < places.count {
        if Self.isBefore(places[child], places[least]) { least = child }
      }
      if least == parent { return }
      places.swapAt(parent, least)
      parent = least
    }
  }

  private mutating func siftUp(_ index: Int) {
    var child = index
    while child > 0 {
      let parent = (child - 1) / 2
      guard Self.isBefore(places[child], places[parent]) else { return }
      places.swapAt(child, parent)
      child = parent
    }
  }
}
