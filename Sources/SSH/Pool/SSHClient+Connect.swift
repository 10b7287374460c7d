import EventLoop
import Foundations
import Glibc

extension SSHClient {
  /// Opens a connection and logs in, again and again while the server drops it and time is left.
  func connect(to endpoint: SSHEndpoint, in place: Places.Place) async throws(SSHError) -> SSHConnection {
    var spent = Duration.zero
    var attempt = 0
    while true {
      attempt += 1
      let ticket = await enterGate(endpoint)
      let begin = MonotonicTime.now
      let left = configuration.connectTimeout - spent
      do throws(SSHConnection.LoginFailure) {
        let connection = try await self.attempt(endpoint, within: left, in: place)
        gate.learn(wasDropped: false)
        leaveGate(ticket)
        return connection
      } catch {
        if case .dropped = error { gate.learn(wasDropped: true) }
        leaveGate(ticket)
        spent += .now - begin
        switch error {
        case .final(let error): throw error
        case .timedOut(let phase): throw .connectTimedOut(endpoint, after: configuration.connectTimeout, phase: phase)
        case .dropped(let reason):
          let pause = Self.backOff(attempt)
          if isClosed { throw .closed }
          if spent + pause >= configuration.connectTimeout {
            throw .dropped(endpoint, attempts: attempt, reason: reason)
          }
          await home.sleep(for: pause)
          spent += pause
        }
      }
    }
  }

  // Doubles from 0.1 s to 1.6 s; the jitter keeps those that were dropped together from coming back together.
  private static func backOff(_ attempt: Int) -> Duration {
    .milliseconds(100 << min(attempt - 1, 4)) * Double.random(in: 0.5...1.5)
  }

  private func attempt(
    _ endpoint: SSHEndpoint,
    within limit: Duration,
    in place: Places.Place
  ) async throws(SSHConnection.LoginFailure) -> SSHConnection {
    let deadline = MonotonicTime.now + limit
    let loop = loops.next()
    let credentials = try await credentials(for: endpoint, on: loop)
    let socket = try await openSocket(endpoint, on: loop, before: deadline)
    let trust: HostTrust
    do throws(SSHError) { trust = try self.trust.trust(for: endpoint) } catch { throw .final(error) }
    guard
      let connection = SSHConnection(
        socket: socket,
        endpoint: endpoint,
        loop: loop,
        patience: configuration.connectTimeout,
        keepAlive: configuration.keepAlive,
        place: place
      )
    else {
      if let fault = LocalFault(ENOMEM) { throw .final(.local(endpoint, fault)) }
      throw .final(.handshakeFailed(endpoint, reason: "no memory"))
    }
    do throws(SSHConnection.LoginFailure) {
      try await connection.login(trust: trust, credentials: credentials, timeout: deadline - .now)
      return connection
    } catch {
      await connection.close()
      throw error
    }
  }

  private func credentials(
    for endpoint: SSHEndpoint,
    on loop: EventLoop
  ) async throws(SSHConnection.LoginFailure) -> [Credential] {
    let files: [PrivateKeyFile]
    let credentials: [Credential]
    let agent = configuration.agentSocket.map { SSHAgent(socketPath: $0, loop: loop) }
    do throws(KeyFileError) { files = try keyRing.keys() } catch { throw .final(.keyFile(error)) }
    let held = try await heldKeys(agent, areNeeded: !files.contains { $0.key != nil }, endpoint)
    do throws(KeyFileError) {
      credentials = try KeyRing.credentials(files, agent: agent, holding: held)
    } catch {
      throw .final(.keyFile(error))
    }
    if credentials.isEmpty { throw .final(.noCredentials(endpoint)) }
    return credentials
  }

  private func heldKeys(
    _ agent: SSHAgent?,
    areNeeded: Bool,
    _ endpoint: SSHEndpoint
  ) async throws(SSHConnection.LoginFailure) -> [(publicKey: [UInt8], comment: String)] {
    guard let agent else { return [] }
    do throws(SSHAgent.Failure) {
      return try await agent.keys()
    } catch {
      if let fault = error.fault { throw .final(.local(endpoint, fault)) }
      if areNeeded { throw .final(.agent(endpoint, reason: error.reason)) }
      return []
    }
  }

  private func openSocket(
    _ endpoint: SSHEndpoint,
    on loop: EventLoop,
    before deadline: MonotonicTime
  ) async throws(SSHConnection.LoginFailure) -> Descriptor {
    let addresses: [SocketAddress]
    do throws(Resolver.Failure) {
      addresses = try await Resolver.addresses(of: endpoint.address, port: endpoint.port)
    } catch {
      if let fault = error.fault { throw .final(.local(endpoint, fault)) }
      throw .final(.unreachable(endpoint, reason: error.reason))
    }
    do throws(Dialing.Failure) {
      return try await Dialing.connect(to: addresses, on: loop, before: deadline)
    } catch {
      if let fault = error.fault { throw .final(.local(endpoint, fault)) }
      switch error.code {
      case ECONNREFUSED: throw .final(.refused(endpoint))
      case ETIMEDOUT: throw .timedOut(phase: "the connection")
      case ECONNRESET: throw .dropped(describe(errno: error.code))
      default: throw .final(.unreachable(endpoint, reason: describe(errno: error.code)))
      }
    }
  }

  // MARK: The gate

  private func enterGate(_ endpoint: SSHEndpoint) async -> ConnectGate.Ticket {
    let ticket = nextID()
    await withCheckedContinuation { continuation in
      gateWaiters[ticket] = continuation
      admit(gate.enter(ticket, server: endpoint.server))
    }
    // 2 s is long for a live host: beyond that it must not hold up the others.
    home.schedule(after: .seconds(2)) { [weak self] in
      self?.assumeIsolated { $0.admit($0.gate.forgive(ticket)) }
    }
    return ticket
  }

  private func leaveGate(_ ticket: ConnectGate.Ticket) { admit(gate.leave(ticket)) }

  private func admit(_ tickets: [ConnectGate.Ticket]) {
    for ticket in tickets { gateWaiters.removeValue(forKey: ticket)?.resume() }
  }
}
