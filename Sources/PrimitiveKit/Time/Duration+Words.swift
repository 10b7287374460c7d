extension Duration {
  /// The duration for a person: `90 s`, `5 min`, `12 min 40 s`.
  package var words: String {
    let seconds = Int(self / .seconds(1))
    guard seconds >= 120 else { return "\(seconds) s" }
    return "\(seconds / 60) min" + (seconds % 60 == 0 ? "" : " \(seconds % 60) s")
  }
}
