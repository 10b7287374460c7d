package import PrimitiveKit

/// What follows `opsh lint`.
package struct LintOptions: Sendable, Equatable {
  /// Files, and folders whose `.lua` files are meant.
  package var paths: [String] = []
  /// Whether VERSIONS is written.
  package var fixes = false
  /// Whether warnings fail.
  package var isStrict = false
  package var isJSON = false

  package static let usage = "opsh lint FILE|FOLDER… [--fix] [--strict] [--json]"

  /// Reads the words after `lint`; throws `usage.option` and `usage.argument`, which end with exit code 64.
  package init(_ words: [String]) throws(CallFailure) {
    let options = ["--fix", "--json", "--strict"]
    var isPath = false
    for word in words {
      switch word {
      case _ where isPath || !word.hasPrefix("-"): paths.append(word)
      case "--": isPath = true
      case "--fix": fixes = true
      case "--strict": isStrict = true
      case "--json": isJSON = true
      default:
        throw CallFailure(
          .usage,
          code: "usage.option",
          message: "opsh lint has no option '\(word)'",
          hint: NearestName.question(for: word, in: options) ?? "usage: \(LintOptions.usage)"
        )
      }
    }
    guard !paths.isEmpty else {
      throw CallFailure(
        .usage,
        code: "usage.argument",
        message: "opsh lint needs a file",
        hint: "usage: \(LintOptions.usage)"
      )
    }
  }
}
