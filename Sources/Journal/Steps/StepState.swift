/// Where a step stands.
package enum StepState: String, Sendable, Codable {
  case open
  case ok
  case failed
  case skipped
}
