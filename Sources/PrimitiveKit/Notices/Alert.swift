/// What one notifier was told of one subject of a check; times are milliseconds since 1970.
package struct Alert: Sendable, Equatable {
  /// Which subject, and who was told.
  package struct Key: Sendable, Hashable {
    package let check: String
    /// Empty for a check about one thing.
    package let subject: String
    package let notifier: String

    package init(_ check: String, _ subject: String, notifier: String) {
      self.check = check
      self.subject = subject
      self.notifier = notifier
    }
  }

  package let key: Key
  /// The level at the last look, as far as the notifier wants to know: OK for everything that it does not.
  package var seen: CheckLevel
  /// The level that it was told last; OK once it was told that it is over, and before it was told anything.
  package var told: CheckLevel
  /// When the level was something else than OK first.
  package var since: Int64
  package var toldAt: Int64
  /// When the level changed, as far as that is not long ago; the newest last.
  package var changes: [Int64]
  /// Whether it changes too often to be told each time.
  package var isFlapping: Bool

  package init(
    _ key: Key,
    seen: CheckLevel,
    told: CheckLevel,
    since: Int64,
    toldAt: Int64,
    changes: [Int64] = [],
    isFlapping: Bool = false
  ) {
    self.key = key
    self.seen = seen
    self.told = told
    self.since = since
    self.toldAt = toldAt
    self.changes = changes
    self.isFlapping = isFlapping
  }
}

/// An event on its way to a notifier.
package struct Notice: Sendable, Equatable {
  /// Stays the same however often it is sent, so that whoever gets it twice can tell.
  package let id: String
  package let notifier: String
  /// What it is about: of several with one line, the older one arrives first.
  package let line: String
  package let event: Value
  /// Milliseconds since 1970.
  package let madeAt: Int64

  package init(id: String, notifier: String, line: String, event: Value, madeAt: Int64) {
    self.id = id
    self.notifier = notifier
    self.line = line
    self.event = event
    self.madeAt = madeAt
  }
}

/// What changes at once: alerts as they are now, alerts that are over, and the notices that go with them.
package struct AlertChange: Sendable, Equatable {
  package var alerts: [Alert] = []
  package var ended: [Alert.Key] = []
  package var notices: [Notice] = []

  package init() {}

  package var isEmpty: Bool { alerts.isEmpty && ended.isEmpty && notices.isEmpty }
}
