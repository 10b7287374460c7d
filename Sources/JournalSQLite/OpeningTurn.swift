import Foundations

/// Lets one journal of this process be opened at a time.
///
/// Closing any descriptor of a file drops every lock that the process holds on it (fcntl(2), record locks), those of the
/// library's other connections too. So the file is looked at by hand only while no connection of this process has it.
actor OpeningTurn {
  static let shared = OpeningTurn()

  private let turns = TurnQueue()
  private var connections: [String: Int] = [:]

  /// Waits for the turn; answers whether a connection of this process has the file.
  func begin(_ path: String) async -> Bool {
    await turns.enter()
    return connections[path, default: 0] > 0
  }

  /// Passes the turn on; `isOpen` says whether the file now has one connection more.
  func end(_ path: String, isOpen: Bool) {
    if isOpen { connections[path, default: 0] += 1 }
    turns.leave()
  }

  /// A connection let the file go.
  func closed(_ path: String) {
    connections[path, default: 1] -= 1
    if connections[path] == 0 { connections[path] = nil }
  }
}
