import Foundation
import PrimitiveKit

/// How a plugin fares in a session.
struct PluginHealth: Sendable {
  /// What it did wrong.
  struct Fault: Sendable {
    let at: Date
    /// Which call failed.
    let call: String
    let message: String
  }

  private(set) var isDisabled = false
  /// When it is tried again; nil while an operator decides.
  private(set) var pausedUntil: Date?
  /// The last thing that it did wrong, however long ago.
  private(set) var last: Fault?
  private var recent: [(at: Date, about: String?)] = []
  /// Seconds of the last pause.
  private var pause = 0.0
  private var pauseEnd = Date.distantPast

  /// Notes a failure of one of its functions; answers whether that disables it.
  ///
  /// What the world did to it, such as a host that cannot be reached, is not its fault. Failures `about` the same thing,
  /// tried again, count once a minute. Where nobody is there to enable it (`isAttended`), it is disabled for a while:
  /// a minute, twice as long each time, at most ten.
  mutating func note(
    _ failure: CallFailure,
    of call: String,
    about: String? = nil,
    at now: Date,
    isAttended: Bool = true
  ) -> Bool {
    guard failure.mark == .faulty else { return false }
    last = Fault(at: now, call: call, message: failure.placed)
    recent = recent.filter { now.timeIntervalSince($0.at) < 60 }
    if about == nil || !recent.contains(where: { $0.about == about }) { recent.append((now, about)) }
    guard recent.count >= PluginHost.patience, !isDisabled else { return false }
    isDisabled = true
    guard !isAttended else { return true }
    // One that did well for long begins anew.
    let isRecent = now.timeIntervalSince(pauseEnd) < PluginHealth.longestPause
    pause = isRecent ? min(pause * 2, PluginHealth.longestPause) : 60
    pauseEnd = now.addingTimeInterval(pause)
    pausedUntil = pauseEnd
    return true
  }

  /// Enables it again once its pause is over.
  mutating func wake(at now: Date) {
    guard let end = pausedUntil, now >= end else { return }
    set(enabled: true)
  }

  mutating func set(enabled: Bool) {
    isDisabled = !enabled
    pausedUntil = nil
    recent = []
  }

  /// Seconds.
  private static let longestPause = 600.0
}

extension CallFailure {
  /// The message with its place in front.
  var placed: String {
    guard let line = trace.first else { return message }
    // A line may end with ` in NAME`.
    let place = line.firstRange(of: " in ").map { String(line[..<$0.lowerBound]) } ?? line
    return message.contains(place) ? message : "\(place): \(message)"
  }
}
