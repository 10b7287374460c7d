package import PrimitiveKit
package import Runs

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
