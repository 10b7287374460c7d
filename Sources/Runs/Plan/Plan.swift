package import Journal
package import PrimitiveKit

/// What a run would do, as data: made by a dry run, shown before the confirmation, checked again when it is applied.
package struct Plan: Sendable, Codable, Equatable {
  /// The version of this form.
  package static let currentFormat = 2

  package var format = Plan.currentFormat
  package var site: String
  package var opsh: String
  package var runbook: RunbookReference
  /// The SHA-256 of the modules that it requires, by name; nil when it requires none.
  package var modules: [String: String]?
  /// As they were bound, defaults included.
  package var arguments: Value
  /// The names of the arguments that the site gave; nil when it gave none.
  package var siteArguments: [String]?
  /// The frozen set, by name.
  package var hosts: [String]
  /// What the runbook noted while it was planned.
  package var notes: [String]?
  package var steps: [PlannedStep]
  package var operations: [PlannedOperation]
  /// Where the dry run had to guess, and where it had to stop.
  package var inexact: [InexactPoint]
  /// Why the dry run could not see further; nil when it saw the whole run.
  package var unseen: String?
  /// What must be held, as scopes: what the header locks, and what the operations are about.
  package var locks: [String]
  /// Those of them that the header's lock does not cover; nil if it covers all of them, or the header has no lock.
  package var beyond: [String]?
  /// Who holds what it needs; empty when it could begin.
  package var conflicts: [String]
  /// Why it needs the approval of a second operator; nil when it needs none.
  package var approval: String?
  /// Why a gate would not let it begin when it was made; nil when every gate would.
  package var objection: String?
  /// How what gates ask stood when it was made, a line each; nil where no gate is asked.
  package var gates: [String]?
  /// What it is to cure, as it was when the plan was made; nil for a runbook that cures nothing.
  package var cures: [String]?
  /// How long it is expected to take, in seconds; nil when unknown.
  package var seconds: Double?
  /// What the runbook's `check` answered.
  package var check: Value
  /// Seconds since 1970.
  package var madeAt: Int
  /// What randomness and the order of hosts follow from; a run that applies the plan takes it over.
  package var seed: UInt64?

  package init(
    site: String,
    opsh: String,
    runbook: RunbookReference,
    arguments: Value,
    siteArguments: [String]? = nil,
    hosts: [String],
    notes: [String]? = nil,
    steps: [PlannedStep],
    operations: [PlannedOperation],
    inexact: [InexactPoint],
    unseen: String? = nil,
    locks: [String],
    beyond: [String]? = nil,
    conflicts: [String],
    seconds: Double? = nil,
    check: Value,
    madeAt: Int,
    seed: UInt64? = nil
  ) {
    self.site = site
    self.opsh = opsh
    self.runbook = runbook
    self.arguments = arguments
    self.siteArguments = siteArguments
    self.hosts = hosts
    self.notes = notes
    self.steps = steps
    self.operations = operations
    self.inexact = inexact
    self.unseen = unseen
    self.locks = locks
    self.beyond = beyond
    self.conflicts = conflicts
    self.seconds = seconds
    self.check = check
    self.madeAt = madeAt
    self.seed = seed
  }

  /// Predicted operations by all operations, 0 … 1; 1 when there are none.
  package var exactness: Double {
    guard unseen == nil else { return 0 }
    guard !operations.isEmpty else { return 1 }
    return Double(operations.count { $0.isExact }) / Double(operations.count)
  }

  /// The changes whose outcome it could not predict, with the place and the reason; those of one step that are alike in one.
  package var unpredicted: [InexactPoint] {
    var groups: [(place: String, kind: String, why: String, targets: [OperationTarget])] = []
    for operation in operations where !operation.isExact {
      let step = operation.step.split(separator: "/").first.map(String.init) ?? ""
      let place = step.isEmpty ? runbook.name : "step '\(step)'"
      let why = operation.why ?? "its outcome is not known"
      if let index = groups.firstIndex(where: { ($0.place, $0.kind, $0.why) == (place, operation.kind, why) }) {
        groups[index].targets.append(operation.target)
      } else {
        groups.append((place, operation.kind, why, [operation.target]))
      }
    }
    return groups.map { group in
      let changes = "\(group.targets.count) × \(group.kind) on \(group.targets.folded)"
      return InexactPoint(place: group.place, what: "\(changes): \(group.why)")
    }
  }

  /// The speeds of its rollouts, as far as it saw them.
  package var speeds: Set<String> {
    var speeds = Set(operations.compactMap(\.speed))
    if case .string(let name) = arguments["speed"] { speeds.insert(name) }
    return speeds
  }

  /// Operations that nothing undoes.
  package var irreversible: [PlannedOperation] { operations.filter { !$0.isReversible } }

  /// Names what a plan promises, whenever it is made: two plans with one hash do the same to the same.
  package var hash: String {
    var promise = self
    promise.conflicts = []
    promise.approval = nil
    promise.objection = nil
    promise.gates = nil
    promise.cures = nil
    promise.seconds = nil
    promise.madeAt = 0
    promise.seed = nil
    promise.opsh = ""
    // Whoever gave them, they are the same.
    promise.siteArguments = nil
    promise.runbook.path = ""
    // In whatever order hosts answer, it promises the same: only the outer steps come in an order of their own.
    promise.operations.sort { $0.key < $1.key }
    promise.hosts.sort()
    promise.steps = steps.filter { !$0.path.contains("/") }
    promise.steps += steps.filter { $0.path.contains("/") }.sorted { $0.path < $1.path }
    promise.inexact.sort { ("\($0.place)", $0.what) < ("\($1.place)", $1.what) }
    let text = (try? OperationCoding().encode(promise)) ?? ""
    return SHA256(hashing: text.utf8).hex
  }

  /// Names the frozen set of hosts.
  package var hostSetHash: String { SHA256(hashing: hosts.sorted().joined(separator: "\n").utf8).hex }
}

/// One operation of a plan with what is predicted of it.
package struct PlannedOperation: Sendable, Codable, Equatable {
  package let key: String
  /// The path of its step; empty outside steps.
  package let step: String
  package let kind: String
  package let target: OperationTarget
  package let effect: Effect
  package let summary: String
  /// The speed of the rollout that it is part of; nil outside rollouts.
  package let speed: String?
  /// What it puts at stake; nil where it declares none.
  package let stake: Stake?
  /// The outcome as JSON: what was found beforehand is in it; nil when it cannot be predicted.
  package let outcome: String?
  /// Why it cannot be predicted.
  package let why: String?
  /// Whether a rollback undoes it: by an inverse, or by an undo function of a step around it or of the runbook.
  package let isReversible: Bool
  /// What it is made of, in words, by the path of the field: to say what is another when the key is.
  package var content: [String: String]?

  package var isExact: Bool { outcome != nil }

  /// `isCovered` says whether an undo function answers for it.
  package init(_ record: OperationRecord, isCovered: Bool) {
    key = record.key
    step = record.step
    kind = record.kind
    target = record.target
    effect = record.effect
    summary = record.summary
    speed = record.speed
    stake = record.stake
    isReversible = record.isReversible || isCovered
    content = PlannedOperation.content(of: record.text)
    switch record.state {
    case .predicted:
      outcome = record.outcome
      why = nil
    case .unpredictable(let reason):
      outcome = nil
      why = reason
    case .failed(let failure):
      outcome = nil
      why = failure.message
    case .begun, .done:
      outcome = nil
      why = "it did not finish"
    }
  }
}

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
