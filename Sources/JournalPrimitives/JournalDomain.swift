import Journal
package import PrimitiveKit
package import Runs

extension Domain {
  /// Where runs are recorded, what they lock, and what is asked about them.
  package static var journal: Domain {
    var domain = Domain("journal")
    domain.siteSections = [JournalSettings.self]
    domain.lockKinds = [LockKind("database"), LockKind("endpoint")]
    domain.commands = Subcommand.aboutHistory
    domain.errors = JournalErrors.of
    domain.primitives = { surroundings in surroundings.runSetting.map { JournalPrimitives($0).all } ?? [] }
    return domain
  }
}

/// What is asked and told about the journal at the prompt: runs, audit, outcomes, questions, releases, locks.
package struct JournalPrimitives: Sendable {
  private let setting: RunSetting

  package init(_ setting: RunSetting) { self.setting = setting }

  package var all: [Primitive] {
    RunPrimitives(history: RunHistory(setting)).all + OutcomePrimitives(setting: setting).all
      + QuestionPrimitives(setting: setting).all + ReleasePrimitives(setting: setting).all
      + LockPrimitives(locks: LocksByHand(setting: setting)).all + AuditPrimitives(audit: AuditWork(setting)).all
  }
}
