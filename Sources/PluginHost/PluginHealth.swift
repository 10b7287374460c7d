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
  /// The last thing that it did wrong, however long ago.
  private(set) var last: Fault?
  private var recent: [Date] = []

  /// Notes a failure of one of its functions; answers whether that disables it.
  ///
  /// What the world did to it, such as a host that cannot be reached, is not its fault.
  mutating func note(_ failure: CallFailure, of call: String, at now: Date) -> Bool {
    guard failure.mark == .faulty else { return false }
    last = Fault(at: now, call: call, message: failure.placed)
    recent = recent.filter { now.timeIntervalSince($0) < 60 } + [now]
    guard recent.count >= PluginHost.patience, !isDisabled else { return false }
    isDisabled = true
    return true
  }

  mutating func set(enabled: Bool) {
    isDisabled = !enabled
    recent = []
  }
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
