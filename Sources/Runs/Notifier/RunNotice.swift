package import Foundation
package import PrimitiveKit

/// What an absent operator is told of a run.
package struct RunNotice: Sendable, Equatable {
  /// A dotted name, for example `question.unanswered`.
  package let event: String
  package let site: String
  package let run: String
  package let at: Date
  /// What belongs to the event, for example the question; never a secret.
  package let fields: [String: Value]

  package init(event: String, site: String, run: String, at: Date, fields: [String: Value] = [:]) {
    self.event = event
    self.site = site
    self.run = run
    self.at = at
    self.fields = fields
  }

  /// What a notifier gets: the keys of the notice win over those of its fields.
  package var value: Value {
    var all = fields
    all["event"] = .string(event)
    all["site"] = .string(site)
    all["run"] = .string(run)
    all["at"] = .string(at.formatted(.iso8601))
    return .table(all)
  }
}

/// Tells somebody who is not at the terminal.
package protocol RunNotifier: Sendable {
  /// Sends a notice on its way and returns at once; never fails.
  func notify(_ notice: RunNotice)

  /// Waits until every notice arrived or was given up.
  func finish() async
}
