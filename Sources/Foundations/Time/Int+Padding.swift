extension Int {
  /// The number with zeros before it up to a width; wider ones are whole.
  package func padded(_ width: Int) -> String {
    let digits = String(self)
    return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
  }
}
