/// What a check of runbooks is told: `opsh lint`.
package struct LintOptions: Sendable, Equatable {
  /// Files, and folders whose `.lua` files are meant.
  package var paths: [String]
  /// Whether VERSIONS is written.
  package var fixes: Bool
  /// Whether warnings fail.
  package var isStrict: Bool
  package var isJSON: Bool

  package init(_ paths: [String], fixes: Bool = false, isStrict: Bool = false, isJSON: Bool = false) {
    self.paths = paths
    self.fixes = fixes
    self.isStrict = isStrict
    self.isJSON = isJSON
  }
}
