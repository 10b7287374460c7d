/// Something that one run at a time may change, as a path: `fleet`, `host/web1`, `environment/demo/system/rocky`.
///
/// `fleet` is above everything. A lock on a path also holds an intent on each path above it, so a lock on a part and one
/// on the whole exclude each other (DESIGN section 6). `run/ID` alone is no part of the fleet: it locks nothing, has nothing
/// above it and no epoch, and is a run's lease on itself.
package struct LockScope: Sendable, Hashable, Codable, CustomStringConvertible {
  /// What a lock keeps others from.
  package enum Mode: String, Sendable, Codable, CaseIterable {
    /// Nobody else changes it or relies on it.
    case exclusive
    /// Others may rely on it too, and nobody changes it.
    case shared
    /// The holder changes something below.
    case intentExclusive = "intent_exclusive"
    /// The holder relies on something below.
    case intentShared = "intent_shared"

    /// Whether two holders may have these modes on one path at once.
    package func permits(_ other: Mode) -> Bool {
      switch (self, other) {
      case (.exclusive, _), (_, .exclusive): false
      case (.shared, .intentExclusive), (.intentExclusive, .shared): false
      default: true
      }
    }
  }

  /// The lease of a run on itself: no lock on anything, only the sign that its process lives.
  package static func run(_ id: String) -> LockScope { LockScope(path: ["run", id], mode: .shared) }

  /// One host as a whole.
  package static func host(_ name: String) -> LockScope { LockScope(path: ["host", name]) }

  /// Whether it is a run's lease on itself.
  package var isRun: Bool { path.first == "run" }

  /// The words of the path; empty is the whole fleet.
  package let path: [String]
  package let mode: Mode

  package init(path: [String], mode: Mode = .exclusive) {
    self.path = path
    self.mode = mode
  }

  /// Reads `fleet` or a path such as `host/web1`; nil when it is none.
  package init?(_ text: String, mode: Mode = .exclusive) {
    if text == "fleet" {
      self.init(path: [], mode: mode)
      return
    }
    let words = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let isPlain = words.allSatisfy { word in
      !word.isEmpty && word.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0 != "*" && $0.value >= 32 }
    }
    guard isPlain, words.count.isMultiple(of: 2) else { return nil }
    self.init(path: words, mode: mode)
  }

  package var description: String { path.isEmpty ? "fleet" : path.joined(separator: "/") }

  /// The scopes above it, the fleet first, each with the intent that goes with the mode.
  package var intents: [LockScope] {
    if isRun { return [] }
    let intent: Mode = mode == .exclusive || mode == .intentExclusive ? .intentExclusive : .intentShared
    return stride(from: 0, to: path.count, by: 2).map { LockScope(path: Array(path.prefix($0)), mode: intent) }
  }
}
