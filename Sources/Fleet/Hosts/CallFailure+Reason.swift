import PrimitiveKit

extension CallFailure {
  /// The message without the host it begins with, for places that name the host already.
  func reason(on host: String) -> String {
    for prefix in ["\(host) cannot be reached: ", "\(host): "] where message.hasPrefix(prefix) {
      return String(message.dropFirst(prefix.count))
    }
    return message
  }
}
