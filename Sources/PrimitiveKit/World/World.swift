package import struct Foundation.Date

/// The only door to the outside: clock, randomness, transport (DESIGN section 5).
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
  /// Reaches hosts.
  package let transport: any Transport

  package init(
    mode: Mode,
    clock: any Clock<Duration>,
    now: @escaping @Sendable () -> Date,
    drawSeed: @escaping @Sendable () -> UInt64,
    transport: any Transport
  ) {
    self.mode = mode
    self.clock = clock
    self.now = now
    self.drawSeed = drawSeed
    self.transport = mode == .dry ? ReadingTransport(base: transport) : transport
  }

  /// The same world in which changes are only predicted.
  package var dry: World { World(mode: .dry, clock: clock, now: now, drawSeed: drawSeed, transport: transport) }
}
