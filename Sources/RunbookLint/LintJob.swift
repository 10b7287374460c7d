/// What a runbook may call on its job, as `job.lua` declares it; a test compares the two.
enum LintJob {
  private static let attempts = ["on_failure", "retry", "timeout"]

  /// The options of each method.
  static let options: [String: [String]] = [
    "confirm": [], "ensure": [], "hold": [], "note": [],
    "each": attempts + ["budget", "gate", "gate_every", "jitter", "name", "ramp", "undo", "window"],
    "step": attempts + ["predict", "undo"],
    "wait": ["every", "name", "settle"],
  ]

  /// The methods in alphabetical order.
  static var methods: [String] { options.keys.sorted() }

  /// Where a method takes its options, counted from 0; nil when it has none.
  static func position(ofOptions method: String) -> Int? {
    switch method {
    case "step": 2
    case "each": 1
    case "wait": 3
    default: nil
    }
  }

  /// Why a text is no name for a step; nil when it is one.
  static func problem(ofName name: String) -> String? {
    if name.isEmpty { return "is empty" }
    if name.utf8.count > 120 { return "is longer than 120 bytes" }
    if name.unicodeScalars.contains(where: { $0.value < 32 }) { return "has a control character" }
    return name.first { "/~#".contains($0) }.map { "has a '\($0)'" }
  }
}
