import PrimitiveKit

/// A number that grows with every grant of a lock: seconds since 1970 × 65536, and below them a tag of the journal.
///
/// Hosts compare the numbers and refuse an older one. Two journals never give the same, and to hosts that obeyed one journal
/// another is newer once it grants a second later (DESIGN section 6).
package struct Epoch: Sendable, Comparable {
  package let number: Int

  package init(_ number: Int) { self.number = number }

  /// `seconds` since 1970, at most 2^47 of them.
  package init(seconds: Int, tag: Int) { number = min(max(0, seconds), Epoch.lastSecond) * Epoch.second + tag }

  package var seconds: Int { number / Epoch.second }
  package var tag: Int { number % Epoch.second }

  package static func < (left: Epoch, right: Epoch) -> Bool { left.number < right.number }

  /// The tag of a journal: 16 bits of the SHA-256 of its id, never 0.
  package static func tag(ofJournal id: String) -> Int {
    let tag = Int(SHA256(hashing: id.utf8).hex.prefix(4), radix: 16) ?? 0
    return max(1, tag)
  }

  /// What one second adds.
  package static let second = 65_536
  private static let lastSecond = 1 << 46
  /// What an older opsh may have given: plain seconds that can be multiplied.
  static let oldSeconds = 1...140_737_488_355_327
  /// An epoch that is further ahead of a clock was given by a clock that was wrong; in seconds.
  package static let tolerance = 300

  /// Whether it is further ahead of a time, in milliseconds since 1970, than quick grants ever get.
  func isAbsurd(at now: Int64) -> Bool { seconds > Int(now / 1000) + Epoch.tolerance }

  /// The first epoch behind this one.
  func next(now: Int64, tag: Int) -> Epoch {
    let clock = Epoch(seconds: Int(now / 1000), tag: tag)
    return clock > self ? clock : Epoch(seconds: seconds + 1, tag: tag)
  }
}
