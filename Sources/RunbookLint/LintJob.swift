import RunbookHeader

/// What a runbook may call on its job; a test compares it with `job.lua`.
enum LintJob {
  /// The options of each method.
  static var options: [String: [String]] { JobShapes.options }

  /// The methods in alphabetical order.
  static var methods: [String] { options.keys.sorted() }

  /// Where a method takes its options, counted from 0; nil when it has none.
  static func position(ofOptions method: String) -> Int? { JobShapes.position(ofOptions: method) }

  /// Why a text is no name for a step; nil when it is one.
  static func problem(ofName name: String) -> String? {
    if name.isEmpty { return "is empty" }
    if name.utf8.count > 120 { return "is longer than 120 bytes" }
    if name.unicodeScalars.contains(where: { $0.value < 32 }) { return "has a control character" }
    return name.first { "/~#".contains($0) }.map { "has a '\($0)'" }
  }
}
