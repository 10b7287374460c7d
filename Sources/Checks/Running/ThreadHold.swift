import Foundations
import PrimitiveKit

/// How long code of others keeps a check waiting: that is no time of its own.
struct ThreadHold {
  /// What is shorter holds up nobody.
  private static let least = Duration.milliseconds(10)

  private let kept: @Sendable () -> [String: Duration]
  private let first: [String: Duration]
  private var last: [String: Duration]
  private var given = Duration.zero

  init(_ check: Check) {
    kept = check.keptByOthers ?? { [:] }
    first = kept()
    last = first
  }

  /// By how much its deadline moves for what others did since it was asked last; zero where they did nothing.
  mutating func more() -> Duration {
    let now = kept()
    let held = ThreadHold.between(last, now).values.reduce(.zero, +)
    last = now
    guard held >= ThreadHold.least, given < CheckRunner.longestHold else { return .zero }
    let more = min(held, CheckRunner.longestHold - given)
    given += more
    return more
  }

  /// Who kept the thread meanwhile, for a message; empty where nobody did.
  var words: String {
    guard given > .zero, let longest = ThreadHold.between(first, last).max(by: { $0.value < $1.value }) else {
      return ""
    }
    let who = longest.key.isEmpty ? "a script of this session" : "plugin '\(longest.key)'"
    return "; meanwhile \(who) kept the Lua thread for \(longest.value.words)"
  }

  private static func between(_ before: [String: Duration], _ after: [String: Duration]) -> [String: Duration] {
    after.merging(before) { $0 - $1 }.filter { after[$0.key] != nil }
  }
}
