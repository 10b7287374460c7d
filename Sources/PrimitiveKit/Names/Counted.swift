extension Int {
  /// The number with its noun, which agrees with it: `1 host`, `3 hosts`; `plural` is said where it is not the noun and an s.
  package func counted(_ noun: String, _ plural: String? = nil) -> String {
    "\(self) \(self == 1 ? noun : plural ?? noun + "s")"
  }
}
