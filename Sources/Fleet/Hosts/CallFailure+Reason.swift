import PrimitiveKit

extension CallFailure {
  /// The message without the host it begins with, for places that name the host already.
  func reason(on host: String) -> String {
    for prefix in ["\(host) cannot be reached: ", "\(host): "] where message.hasPrefix(prefix) {
      return String(message.dropFirst(prefix.count))
    }
    return message
  }

  /// Whether the host answered that it would not do it: it was reached, and nothing was done.
  var isRefusedByHost: Bool {
    [
      "host.locked", "host.stale_epoch", "host.write_failed", "host.input_cut", "host.tool_missing", "host.run_differs",
      "host.drift",
    ].contains(code)
  }
}
