package import Foundations
package import PrimitiveKit

/// What a runbook says of itself: the table its file returns, without the functions.
package struct RunbookHeader: Sendable, Equatable {
  package internal(set) var version = SemanticVersion(0, 0, 0)
  package internal(set) var summary: String?
  package internal(set) var owner: String?
  package internal(set) var updated: CalendarDate?
  /// The last day on which nobody needs to look at it again.
  package internal(set) var reviewAfter: CalendarDate?
  /// Pages that explain more.
  package internal(set) var references: [String] = []
  package internal(set) var params: [RunbookParameter] = []
  /// What it may do; `reads` is always among them.
  package internal(set) var effects: Set<Effect> = [.reads]
  package internal(set) var locks: [LockTemplate] = []
  /// Checks, or patterns of them, that it is to make OK; they do not keep it from beginning.
  package internal(set) var cures: [String] = []
  /// Whether no gate keeps it from beginning.
  package internal(set) var isEmergency = false
  package internal(set) var confirmation: RunbookConfirmation?
  package internal(set) var requirements = RunbookRequirements()
  /// The least share of writes that a dry run has to predict, from 0 to 1; nil means none.
  package internal(set) var exactness: Double?
  /// Whether its bytes have to be signed.
  package internal(set) var isSigned = false
  package internal(set) var policy = RunbookPolicy()
  package internal(set) var hasCheck = false
  package internal(set) var hasRun = false
  package internal(set) var hasUndo = false
  package internal(set) var hasVerify = false

  /// The names of the fields in the order of help.
  package static let fields = RunbookShapes.header.fieldNames

  /// Whether the day of review has passed.
  package func isStale(on today: CalendarDate) -> Bool { reviewAfter.map { $0 < today } ?? false }
}
