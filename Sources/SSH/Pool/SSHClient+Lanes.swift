import EventLoop
import Foundations

extension SSHClient {
  /// Takes a channel of a connection, waiting until one is free.
  func acquire(_ endpoint: SSHEndpoint) async throws(SSHError) -> SSHConnection {
    if isClosed { throw .closed }
    if Task.isCancelled { throw .cancelled(endpoint, effectPossible: false) }
    sweep(endpoint)
    if lanes[endpoint, default: Lane()].waiters.isEmpty, let free = takeChannel(endpoint) { return free }
    let id = nextID()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        lanes[endpoint, default: Lane()].waiters.append(Lane.Waiter(id: id, continuation: continuation))
        if Task.isCancelled { cancelWaiter(id, endpoint) } else { provide(endpoint) }
      }
    } onCancel: {
      home.schedule(after: .zero) { self.assumeIsolated { $0.cancelWaiter(id, endpoint) } }
    }
    return try result.get()
  }

  /// Notes that the server has opened a channel.
  func served(_ connection: SSHConnection) {
    guard let index = lanes[connection.endpoint]?.index(of: connection) else { return }
    lanes[connection.endpoint]?.members[index].hasServed = true
  }

  /// Gives a channel back.
  func release(_ connection: SSHConnection, isAbandoned: Bool = false, retire: Bool = false) {
    let endpoint = connection.endpoint
    guard let index = lanes[endpoint]?.index(of: connection) else { return }
    lanes[endpoint]?.lastTurnover = .now
    lanes[endpoint]?.members[index].busy -= 1
    if isAbandoned { lanes[endpoint]?.members[index].abandoned += 1 }
    // MaxSessions is 10 and we use 8: two sessions may hang before the connection is worth replacing.
    if retire || (lanes[endpoint]?.members[index].abandoned ?? 0) > 2 {
      lanes[endpoint]?.members[index].isRetired = true
    }
    sweep(endpoint)
    serve(endpoint)
    if places.areWanted { makeRoom() }
    scheduleIdleClose(connection)
  }

  /// Returns what the server did not open, and says how long to wait before it is asked again; nil for never.
  ///
  /// It has as many channels as the others of the connection hold. Where there are no others it may still be clearing up
  /// after the last one, which `isPatient` waits for.
  func releaseUnopened(_ connection: SSHConnection, isPatient: Bool) -> Duration? {
    guard let index = lanes[connection.endpoint]?.index(of: connection), let lane = lanes[connection.endpoint]
    else { return nil }
    let member = lane.members[index]
    let others = member.busy - 1
    guard others > 0 || member.hasServed && isPatient else {
      release(connection, retire: true)
      return nil
    }
    lanes[connection.endpoint]?.members[index].channels = max(1, min(member.channels ?? others, others))
    release(connection)
    return others > 0 ? .zero : .milliseconds(50)
  }

  private func takeChannel(_ endpoint: SSHEndpoint) -> SSHConnection? {
    guard let connection = lanes[endpoint]?.take(limit: configuration.channelsPerConnection) else { return nil }
    if let index = lanes[endpoint]?.index(of: connection), let timer = lanes[endpoint]?.members[index].idleTimer {
      home.cancel(timer)
      lanes[endpoint]?.members[index].idleTimer = nil
    }
    return connection
  }

  private func sweep(_ endpoint: SSHEndpoint) {
    for member in lanes[endpoint]?.removeSpent() ?? [] {
      if let timer = member.idleTimer { home.cancel(timer) }
      Task { await member.connection.close() }
    }
  }

  /// Hands free channels to those that wait.
  func serve(_ endpoint: SSHEndpoint) {
    while lanes[endpoint]?.waiters.isEmpty == false, let connection = takeChannel(endpoint) {
      lanes[endpoint]?.waiters.removeFirst().continuation.resume(returning: .success(connection))
    }
    if lanes[endpoint]?.waiters.isEmpty == false { provide(endpoint) }
  }

  private func cancelWaiter(_ id: UInt64, _ endpoint: SSHEndpoint) {
    guard let index = lanes[endpoint]?.waiters.firstIndex(where: { $0.id == id }) else { return }
    let waiter = lanes[endpoint]?.waiters.remove(at: index)
    waiter?.continuation.resume(returning: .failure(.cancelled(endpoint, effectPossible: false)))
  }

  /// Sees to it that those who wait will be served: opens a first connection at once, a further one when none comes free.
  private func provide(_ endpoint: SSHEndpoint) {
    guard let lane = lanes[endpoint], lane.dials == 0 else { return }
    if !lane.members.contains(where: { !$0.isRetired && !$0.connection.isBroken }) { return dial(endpoint) }
    guard lane.members.count < configuration.connectionsPerEndpoint, lane.spreadTimer == nil else { return }
    let patience = configuration.spreadAfter - (MonotonicTime.now - lane.lastTurnover)
    if patience <= .zero {
      // Who has a connection already does not queue with those that have none.
      if let place = places.takeIfFree() { dial(endpoint, in: place) }
      return
    }
    lanes[endpoint]?.spreadTimer = home.schedule(after: patience) { [weak self] in
      self?.assumeIsolated { client in
        client.lanes[endpoint]?.spreadTimer = nil
        if client.lanes[endpoint]?.waiters.isEmpty == false { client.provide(endpoint) }
      }
    }
  }

  private func dial(_ endpoint: SSHEndpoint, in free: Places.Place? = nil) {
    lanes[endpoint]?.dials += 1
    Task {
      await withTaskExecutorPreference(home) {
        let place = if let free { free } else { await takePlace() }
        guard let place, lanes[endpoint]?.waiters.isEmpty == false else {
          // Those that waited have given up.
          lanes[endpoint]?.dials -= 1
          return
        }
        do throws(SSHError) {
          arrived(try await connect(to: endpoint, in: place))
        } catch {
          failed(endpoint, error)
        }
      }
    }
  }

  private func takePlace() async -> Places.Place? {
    if let place = places.takeIfFree() { return place }
    makeRoom()
    return await places.take()
  }

  /// Closes the connection that has been idle for longest, for a host that has none.
  private func makeRoom() {
    let idle = lanes.filter { $0.value.waiters.isEmpty && $0.value.members.contains { $0.busy == 0 && !$0.isRetired } }
    guard let endpoint = idle.min(by: { $0.value.lastTurnover < $1.value.lastTurnover })?.key,
      let index = lanes[endpoint]?.members.firstIndex(where: { $0.busy == 0 && !$0.isRetired })
    else { return }
    lanes[endpoint]?.members[index].isRetired = true
    sweep(endpoint)
  }

  private func arrived(_ connection: SSHConnection) {
    guard lanes[connection.endpoint] != nil else {
      Task { await connection.close() }
      return
    }
    lanes[connection.endpoint]?.dials -= 1
    lanes[connection.endpoint]?.members.append(Lane.Member(connection: connection))
    serve(connection.endpoint)
    if places.areWanted { makeRoom() }
    scheduleIdleClose(connection)
  }

  // Where another connection stands, its channels come free; else nobody can be served.
  private func failed(_ endpoint: SSHEndpoint, _ error: SSHError) {
    guard let lane = lanes[endpoint] else { return }
    lanes[endpoint]?.dials -= 1
    if lane.members.contains(where: { !$0.connection.isBroken && $0.busy > 0 }) { return }
    lanes[endpoint]?.waiters = []
    for waiter in lane.waiters { waiter.continuation.resume(returning: .failure(error)) }
  }

  private func scheduleIdleClose(_ connection: SSHConnection) {
    guard let delay = configuration.idleClose, let index = lanes[connection.endpoint]?.index(of: connection),
      lanes[connection.endpoint]?.members[index].busy == 0
    else { return }
    lanes[connection.endpoint]?.members[index].idleTimer = home.schedule(after: delay) { [weak self, weak connection] in
      guard let connection else { return }
      self?.assumeIsolated { client in
        guard let index = client.lanes[connection.endpoint]?.index(of: connection) else { return }
        client.lanes[connection.endpoint]?.members[index].isRetired = true
        client.sweep(connection.endpoint)
      }
    }
  }
}
