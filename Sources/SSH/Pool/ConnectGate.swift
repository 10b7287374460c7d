/// Decides who may open a connection now: so many in all, so many to one server.
///
/// First come, first served, except that a server which is full lets those behind it pass. Pure: it grants, others act.
struct ConnectGate {
  /// A place in the queue, and then in the gate.
  typealias Ticket = UInt64

  private struct Entry {
    var server: String
    /// Whether it still counts among all; a start that takes long is forgiven, so that dead hosts do not hold up the rest.
    var isCounted: Bool
  }

  private let limit: Int
  // Servers that drop connections lower it, those that do not raise it again: hosts may share one sshd or bastion.
  private var current: Double
  private let limitPerServer: Int
  private var queue: [(ticket: Ticket, server: String)] = []
  private var inside: [Ticket: Entry] = [:]
  private var perServer: [String: Int] = [:]
  private var counted = 0

  init(limit: Int, perServer: Int) {
    self.limit = max(1, limit)
    current = Double(self.limit)
    self.limitPerServer = max(1, perServer)
  }

  /// Queues a start; returns the tickets that may go in now.
  mutating func enter(_ ticket: Ticket, server: String) -> [Ticket] {
    queue.append((ticket, server))
    return admit()
  }

  /// Stops counting a slow start among all.
  mutating func forgive(_ ticket: Ticket) -> [Ticket] {
    guard inside[ticket]?.isCounted == true else { return [] }
    inside[ticket]?.isCounted = false
    counted -= 1
    return admit()
  }

  /// A start has ended, or gave up in the queue.
  mutating func leave(_ ticket: Ticket) -> [Ticket] {
    if let entry = inside.removeValue(forKey: ticket) {
      if entry.isCounted { counted -= 1 }
      let left = (perServer[entry.server] ?? 1) - 1
      perServer[entry.server] = left == 0 ? nil : left
    } else {
      queue.removeAll { $0.ticket == ticket }
    }
    return admit()
  }

  /// Learns from the end of a start: fewer at once when the server dropped it, never below 8.
  mutating func learn(wasDropped: Bool) {
    current = wasDropped ? max(Double(min(8, limit)), current - 2) : min(Double(limit), current + 0.5)
  }

  private mutating func admit() -> [Ticket] {
    var admitted: [Ticket] = []
    while counted < Int(current),
      let index = queue.firstIndex(where: { perServer[$0.server, default: 0] < limitPerServer })
    {
      let next = queue.remove(at: index)
      perServer[next.server, default: 0] += 1
      inside[next.ticket] = Entry(server: next.server, isCounted: true)
      counted += 1
      admitted.append(next.ticket)
    }
    return admitted
  }
}
