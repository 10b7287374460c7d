extension Duration {
  /// The length for a person: `90 s`, `5 min`, `12 min 40 s`.
  package var words: String {
    let seconds = Int(self / .seconds(1))
    guard seconds >= 120 else { return "\(seconds) s" }
    return "\(seconds / 60) min" + (seconds % 60 == 0 ? "" : " \(seconds % 60) s")
  }

  /// How long something took: `7.9 s`, and from ten seconds on as `words`.
  package var spent: String {
    let tenths = Int(self / .milliseconds(100))
    return tenths < 100 ? "\(tenths / 10).\(tenths % 10) s" : words
  }

  /// The length in its two largest units, for tables: `3m12s`.
  package var brief: String {
    let seconds = components.seconds
    return switch seconds {
    case ..<60: "\(seconds)s"
    case ..<3600: "\(seconds / 60)m\(seconds % 60)s"
    case ..<86_400: "\(seconds / 3600)h\(seconds % 3600 / 60)m"
    default: "\(seconds / 86_400)d\(seconds % 86_400 / 3600)h"
    }
  }

  /// How long ago something was, in its largest unit: `5 min`; hours from the first on, days from the third on.
  package var age: String {
    let minutes = max(0, components.seconds / 60)
    if minutes < 60 { return "\(minutes) min" }
    return minutes < 48 * 60 ? "\(minutes / 60) h" : "\(minutes / (24 * 60)) d"
  }

  /// A limit as it was set, to the millisecond: `10 s`, `0.5 s`.
  package var limit: String {
    milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(Double(milliseconds) / 1000) s"
  }
}

extension Duration {
  /// The length in seconds.
  package var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }

  /// The whole milliseconds in it.
  package var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
