import Journal
package import PrimitiveKit
import Runs

extension Domain {
  /// Where runs are written down, what they lock, and what is asked about them.
  package static var journal: Domain {
    var domain = Domain("journal")
    domain.siteSections = [JournalSettings.self]
    domain.lockKinds = [LockKind("system"), LockKind("database"), LockKind("endpoint")]
    domain.commands = Subcommand.aboutHistory
    domain.primitives = { surroundings in surroundings.runSetting.map { JournalPrimitives($0).all } ?? [] }
    return domain
  }
}
