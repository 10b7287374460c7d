package import PrimitiveKit

/// What a journal knows of a run as a whole; times are milliseconds since 1970 by the database's clock.
package struct RunHeader: Sendable, Equatable, Codable {
  package var id: String
  /// Of the runbook, the primitive or the script.
  package var name: String
  package var kind: RunKind
  package var runbook: RunbookReference?
  /// Without secrets.
  package var arguments: Value
  /// The frozen set, by name.
  package var hosts: [String]
  package var planHash: String?
  /// The run that this one rolls back, or was forked from.
  package var parent: String?
  package var state: RunState
  package var stateReason: String?
  /// Of its newest lease; nil without a lock.
  package var epoch: Int?
  /// Which lease rows are the run's; nil without a lock.
  package var claim: String?
  /// The process that works on it, or did last.
  package var identity: ProcessIdentity
  package var startedAt: Int64
  package var updatedAt: Int64
  package var endedAt: Int64?
  package var exitCode: Int?

  /// Whether a process is at work on it, or was until it went without a word.
  package var isUnderWay: Bool { endedAt == nil && (state == .running || state == .waiting) }

  /// A run about to begin; `Journal.begin` fills in the times.
  package init(
    id: String,
    name: String,
    kind: RunKind,
    identity: ProcessIdentity,
    runbook: RunbookReference? = nil,
    arguments: Value = .table([:]),
    hosts: [String] = [],
    planHash: String? = nil,
    parent: String? = nil,
    state: RunState = .running,
    stateReason: String? = nil,
    epoch: Int? = nil,
    claim: String? = nil,
    startedAt: Int64 = 0,
    updatedAt: Int64 = 0,
    endedAt: Int64? = nil,
    exitCode: Int? = nil
  ) {
    self.id = id
    self.name = name
    self.kind = kind
    self.identity = identity
    self.runbook = runbook
    self.arguments = arguments
    self.hosts = hosts
    self.planHash = planHash
    self.parent = parent
    self.state = state
    self.stateReason = stateReason
    self.epoch = epoch
    self.claim = claim
    self.startedAt = startedAt
    self.updatedAt = updatedAt
    self.endedAt = endedAt
    self.exitCode = exitCode
  }
}

/// What is run.
package enum RunKind: String, Sendable, Codable, CaseIterable {
  case runbook
  /// One primitive, called at the prompt or in a script.
  case call
  case script
  case rollback
  /// A run for practice.
  case drill
}

/// Which bytes of which runbook a run executes.
package struct RunbookReference: Sendable, Equatable, Codable {
  package var name: String
  package var version: String
  /// Of its bytes, in hexadecimal digits.
  package var sha256: String
  package var path: String

  package init(name: String, version: String, sha256: String, path: String) {
    self.name = name
    self.version = version
    self.sha256 = sha256
    self.path = path
  }
}
