/// What is said of calls of the stop lane that the journal does not have yet.
enum WaitingStops {
  static func lines(_ waiting: [String]) -> [String] {
    guard !waiting.isEmpty else { return [] }
    let count = waiting.count == 1 ? "1 stop is" : "\(waiting.count) stops are"
    return ["\(count) not in the journal yet:"] + waiting.prefix(3).map { "  \($0)" }
      + (waiting.count > 3 ? ["  and \(waiting.count - 3) more"] : [])
  }
}
