package import PrimitiveKit

extension Domain {
  /// Where runs are written down, and what they lock.
  package static var journal: Domain {
    var domain = Domain("journal")
    domain.siteSections = [JournalSettings.self]
    domain.lockKinds = [LockKind("system"), LockKind("database"), LockKind("endpoint")]
    return domain
  }
}
