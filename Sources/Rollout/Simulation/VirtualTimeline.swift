/// Events of a simulation in the order of their virtual time; equal times keep the order in which they were added.
struct VirtualTimeline {
  /// What happens, in the terms of the simulation.
  enum Kind: Int {
    case begun
    case ended
    case proven
    case gate
    case answered
    case cancel
  }

  struct Entry {
    let time: Int
    let sequence: Int
    let kind: Kind
    let host: Int
  }

  private var heap: [Entry] = []
  private var sequence = 0

  /// Adds an event at a time in milliseconds.
  mutating func add(_ kind: Kind, host: Int = 0, at time: Int) {
    let entry = Entry(time: time, sequence: sequence, kind: kind, host: host)
    sequence += 1
    var child = heap.count
    heap.append(entry)
    while child > 0 {
      let parent = (child - 1) / 2
      guard Self.precedes(entry, heap[parent]) else { break }
      heap[child] = heap[parent]
      child = parent
    }
    heap[child] = entry
  }

  /// Takes the earliest event.
  mutating func removeFirst() -> Entry? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    let count = heap.count
    guard count > 0 else { return first }
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < count else { break }
      if child + 1 < count, Self.precedes(heap[child + 1], heap[child]) { child += 1 }
      guard Self.precedes(heap[child], last) else { break }
      heap[parent] = heap[child]
      parent = child
    }
    heap[parent] = last
    return first
  }

  private static func precedes(_ left: Entry, _ right: Entry) -> Bool {
    left.time == right.time ? left.sequence < right.sequence : left.time < right.time
  }
}
