package import EventLoop
package import Foundations
import PrimitiveKit

/// Runs commands and writes files on many hosts over few connections.
///
/// One authenticated connection per endpoint is kept and shared; a broken one is replaced at the next call.
package actor SSHClient {
  let configuration: SSHConfiguration
  let loops: EventLoopGroup
  let home: EventLoop
  var lanes: [SSHEndpoint: Lane] = [:]
  var gate: ConnectGate
  var gateWaiters: [ConnectGate.Ticket: CheckedContinuation<Void, Never>] = [:]
  var trust: TrustStore
  var keyRing: KeyRing
  var lastID: UInt64 = 0
  var isClosed = false
  /// What limits the connections of the whole process.
  let places: Places

  package nonisolated var unownedExecutor: UnownedSerialExecutor { home.asUnownedSerialExecutor() }

  /// Reads nothing and connects nowhere until it is asked to.
  ///
  /// A connection stands in one of `places`; where none is free an idle one makes room, or the next waits.
  package init(
    configuration: SSHConfiguration,
    loops: EventLoopGroup = .shared,
    places: Places = OpenFiles.connectionPlaces
  ) {
    self.configuration = configuration
    self.places = places
    self.loops = loops
    home = loops.next()
    gate = ConnectGate(
      limit: min(configuration.connectsInFlight, OpenFiles.shares.dials),
      perServer: configuration.connectsPerServer
    )
    trust = TrustStore(files: configuration.knownHosts)
    keyRing = KeyRing(paths: configuration.keyFiles)
  }

  /// Runs a command and returns what it left, whatever its status.
  ///
  /// Throws when it did not run to its end; `effectPossible` then says whether it may have begun.
  package func execute(_ command: SSHCommand, on endpoint: SSHEndpoint) async throws(SSHError) -> SSHResult {
    let length = command.line.utf8.count
    if length > CommandLimit.sent { throw .commandTooLong(endpoint, bytes: length, limit: CommandLimit.sent) }
    return try await withConnection(to: endpoint, limit: command.timeout) { connection throws(OperationFailure) in
      let result = try await connection.execute(command)
      return (result, isAbandoned: result.flooded || result.leftRunning)
    }
  }

  /// Writes a file: complete and with exactly its mode, or not at all.
  ///
  /// It is written beside its place under another name, made durable and then renamed over the old one.
  package func put(_ upload: SSHUpload, on endpoint: SSHEndpoint) async throws(SSHError) {
    try await withConnection(to: endpoint, limit: upload.timeout, path: upload.path.plain) {
      connection throws(OperationFailure) in
      try await connection.put(upload)
      return ((), isAbandoned: false)
    }
  }

  /// Closes all connections; what still runs is lost, and later calls fail.
  package func close() async {
    isClosed = true
    let ended = lanes
    lanes = [:]
    for lane in ended.values {
      for waiter in lane.waiters { waiter.continuation.resume(returning: .failure(.closed)) }
      for member in lane.members { await member.connection.close() }
    }
  }

  func nextID() -> UInt64 {
    lastID += 1
    return lastID
  }
}
