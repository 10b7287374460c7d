/// A place in a script where a dry run depends on a value that is not known yet.
package struct InexactPoint: Sendable, Equatable, Codable {
  /// File and line, such as `runbooks/deploy.lua:12`.
  package var place: String
  /// What was unknown, and how it was used.
  package var what: String
  /// What the script assumed instead; nil when the run stopped there.
  package var assumed: Value?

  package init(place: String, what: String, assumed: Value? = nil) {
    self.place = place
    self.what = what
    self.assumed = assumed
  }
}
