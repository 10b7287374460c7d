import Foundations

package import struct Foundation.Date

/// Opens the run that changes belong to: takes its locks, writes it down, and closes it.
package protocol RunOpener: Sendable {
  /// Whether the site wants a second operator for it, so that it needs a plan that can be approved.
  func wantsPlan(of request: RunRequest) -> Bool

  /// What would keep it from beginning now: locks of others, and the approval it needs. Locks nothing, writes nothing.
  func outlook(of request: RunRequest) async -> Outlook

  /// Refuses what a run is about to do beyond the plan that it was admitted with.
  ///
  /// Throws `approval.missing` where the site wants a second operator for it.
  func admit(_ request: RunRequest) async throws(CallFailure)

  /// Opens a run, lets `body` work in it, and closes it with its outcome.
  ///
  /// Once the locks are held, and before anything is used up or recorded, asks `stillHolds` of the request.
  /// Throws `lock.refused`, `journal.*` and what `stillHolds` and `body` throw.
  func withRun<Answer: Sendable>(
    _ request: RunRequest,
    world: World,
    _ body: (Run) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer
}

extension RunOpener {
  package func wantsPlan(of request: RunRequest) -> Bool { false }
  package func outlook(of request: RunRequest) async -> Outlook { Outlook() }
  package func admit(_ request: RunRequest) async throws(CallFailure) {}
}

/// What stands between a change and its beginning.
package struct Outlook: Sendable, Equatable {
  /// What it would lock.
  package var locks: [String]
  /// Who holds some of it now, one a line.
  package var held: [String]
  /// Why a second operator is wanted; nil when none is.
  package var approval: String?

  package init(locks: [String] = [], held: [String] = [], approval: String? = nil) {
    self.locks = locks
    self.held = held
    self.approval = approval
  }

  /// The rows of a plan, by name: nothing where it could begin.
  package var rows: [(name: String, words: String)] {
    held.map { ("Held", $0) } + (approval.map { [("Approval", "\($0) needs an approval by another operator")] } ?? [])
  }

  package var lines: [String] { rows.map { "\($0.name.lowercased()): \($0.words)" } }
}

/// What somebody is about to do to the fleet.
package struct RunRequest: Sendable {
  /// What is run: the name of a primitive or of a runbook.
  package var name: String
  /// The arguments it was called with, without secrets.
  package var arguments: Value
  /// What nobody else may change meanwhile; empty takes no lock.
  package var scopes: [LockScope]
  /// The frozen set of hosts, by name.
  package var hosts: [String]
  /// The id the run gets, where somebody was told it before; nil lets the opener draw one.
  package var id: String?
  /// What it does, as its operations or its primitive declare.
  package var effects: Set<Effect> = [.changes]
  /// The speeds of its rollouts.
  package var speeds: Set<String> = []
  /// Its operations as a dry run predicted them; nil where nobody wanted a plan.
  package var operations: [OperationRecord]?
  /// What is of the stop lane is never held back for an approval.
  package var lane = Lane.ordinary
  /// Looks again whether all is as it was shown; throws where it is not.
  package var stillHolds: @Sendable () async throws(CallFailure) -> Void = {}

  package init(name: String, arguments: Value, scopes: [LockScope], hosts: [String]) {
    self.name = name
    self.arguments = arguments
    self.scopes = scopes
    self.hosts = hosts
  }
}

/// Runs that nobody records or locks: for tests, and where there is no journal.
package struct UnrecordedRuns: RunOpener {
  package init() {}

  package func withRun<Answer: Sendable>(
    _ request: RunRequest,
    world: World,
    _ body: (Run) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    let id = request.id ?? RunID.make(seed: world.drawSeed(), now: world.now())
    try await request.stillHolds()
    return try await body(Run(id: id, world: world, holding: HoldsEverything()))
  }
}

/// Names of runs: sortable by time and unlikely to repeat, for example `20261121-114502-6ca32b16`.
package enum RunID {
  package static func make(seed: UInt64, now: Date) -> String {
    let digits = Instant.text(Int64(now.timeIntervalSince1970) * 1000).filter(\.isNumber)
    let tail = String(UInt32(truncatingIfNeeded: seed ^ seed >> 32), radix: 16)
    return "\(digits.prefix(8))-\(digits.dropFirst(8))-\(String(repeating: "0", count: 8 - tail.count))\(tail)"
  }
}
