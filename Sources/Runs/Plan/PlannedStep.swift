/// A step as a plan lists it.
package struct PlannedStep: Sendable, Codable, Equatable {
  package let path: String
  package let title: String
  package var detail: String
  /// Of its options: what a changed runbook is compared by; empty for what the journal has no step for.
  package var argumentsHash = ""

  package init(path: String, title: String, detail: String) {
    self.path = path
    self.title = title
    self.detail = detail
  }
}
