package import struct Foundation.Date

extension World {
  /// A world whose only service is hosts.
  package init(
    mode: Mode,
    clock: any Clock<Duration>,
    now: @escaping @Sendable () -> Date,
    drawSeed: @escaping @Sendable () -> UInt64,
    transport: any Transport
  ) {
    let services = Services().with(Hosts.self, transport)
    self.init(mode: mode, clock: clock, now: now, drawSeed: drawSeed, services: services)
  }
}
