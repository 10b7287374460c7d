package import struct Foundation.Date

/// The only door to the outside: clock, randomness, and typed services (DESIGN section 5).
///
/// Operations and primitives get it handed in; nothing else opens a connection or reads a clock.
package struct World: Sendable {
  /// What a change does in this world.
  package enum Mode: String, Sendable, Codable {
    /// Changes are performed.
    case live
    /// Reads are real, changes are predicted.
    case dry
  }

  package let mode: Mode
  /// Waits and measures; never the wall clock.
  package let clock: any Clock<Duration>
  /// The wall clock, UTC.
  package let now: @Sendable () -> Date
  /// Draws the seed of a run; recorded with it.
  package let drawSeed: @Sendable () -> UInt64
  private let services: Services
  /// What a change is sent with so that it happens once and under the newest lease; nil outside a journaled run.
  package private(set) var ticket: Ticket?
  /// What the changes of a plan would leave behind; nil outside of plans.
  package private(set) var predicted: PredictedWorld?
  /// The releases that the site offers.
  package private(set) var releases = OfferedReleases()
  /// Who judges the changes made in it; nil where nobody does.
  package private(set) var rules: Rules?

  package init(
    mode: Mode,
    clock: any Clock<Duration>,
    now: @escaping @Sendable () -> Date,
    drawSeed: @escaping @Sendable () -> UInt64,
    services: Services
  ) {
    self.mode = mode
    self.clock = clock
    self.now = now
    self.drawSeed = drawSeed
    self.services = services
  }

  /// A service in the form that this world allows: in a dry one it only reads.
  package func service<S: Service>(_ service: S.Type) -> S.Form {
    services.form(of: service, readsOnly: mode == .dry)
  }

  /// The same world for one change of a journaled run.
  package func with(_ ticket: Ticket) -> World {
    var world = self
    world.ticket = ticket
    return world
  }

  /// The same world in which changes are only predicted.
  package var dry: World {
    var world = World(mode: .dry, clock: clock, now: now, drawSeed: drawSeed, services: services)
    world.rules = rules
    world.releases = releases
    return world
  }

  /// The same world with the releases that its site offers.
  package func offering(_ releases: OfferedReleases) -> World {
    var world = self
    world.releases = releases
    return world
  }

  /// The same world for one plan: in a dry one each prediction changes what the next one sees.
  package var planned: World {
    guard mode == .dry else { return self }
    var world = self
    world.predicted = PredictedWorld()
    return world
  }

  /// The same world whose rollouts and runbooks ask no gate: of an emergency.
  package var ungated: World {
    var world = self
    world.rules = rules?.ungated
    return world
  }

  /// The same world whose changes are judged first.
  package func judged(by rules: Rules) -> World {
    var world = self
    world.rules = rules
    return world
  }
}

/// What a host is given with a change: under which name it happens once, and which lease sent it (DESIGN section 6).
package struct Ticket: Sendable, Equatable {
  /// Names the change on the host: letters, digits, `.`, `_` and `-`.
  package let token: String
  /// The epoch of the lease, which hosts refuse when they have seen a newer one; nil without a lock.
  package let epoch: Int?
  /// The id of the journal that granted the epoch; nil where it is not known.
  package let journal: String?
  /// The time since the run's first lock was granted; nil where nobody keeps locks.
  package let age: Duration?

  package init(token: String, epoch: Int?, journal: String? = nil, age: Duration? = nil) {
    self.token = token
    self.epoch = epoch
    self.journal = journal
    self.age = age
  }
}
