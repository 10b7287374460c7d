import CSSH2

extension SSHConnection {
  /// How an attempt to log in can fail.
  enum LoginFailure: Error {
    /// For good.
    case final(SSHError)
    /// The connection broke before the login: another attempt may succeed.
    case dropped(String)
    /// The time was up; `phase` says where it stood.
    case timedOut(phase: String)
  }

  /// Shakes hands, checks the host key and logs in.
  func login(
    trust: HostTrust,
    credentials: [Credential],
    timeout: Duration
  ) async throws(LoginFailure) {
    try start()
    let turn = beginTurn(timeout: timeout)
    defer { endTurn(turn) }
    try await withTaskExecutorPreference(loop) { () async throws(LoginFailure) in
      try await shakeHands(turn, trust)
      do throws(SSHError) {
        let server = ServerOffer(session.wire.greeting)?.hostKeys ?? []
        try trust.check(session.hostKey, of: endpoint, server: server, verifiable: session.verifiableHostKeys)
      } catch {
        throw .final(error)
      }
      session.wire.forgetGreeting()
      try await authenticate(turn, credentials)
    }
  }

  private func shakeHands(_ turn: UInt64, _ trust: HostTrust) async throws(LoginFailure) {
    session.preferHostKeys(trust.preference)
    let code = try await driveLogin(turn, phase: "the handshake") { session.handshake() }
    switch code {
    case 0: return
    // What a dying connection leaves, in every state of libssh2's handshake.
    case _ where session.wire.end != nil: throw .dropped(session.wire.end ?? "")
    case LIBSSH2_ERROR_SOCKET_DISCONNECT, LIBSSH2_ERROR_SOCKET_RECV, LIBSSH2_ERROR_SOCKET_SEND:
      throw .dropped(session.lastError)
    default: throw .final(.handshakeFailed(endpoint, reason: whyNoHandshake))
    }
  }

  /// What libssh2 says, or that the server has no host key of a type that this build verifies.
  private var whyNoHandshake: String {
    let verifiable = session.verifiableHostKeys
    guard let offer = ServerOffer(session.wire.greeting), !offer.hostKeys.contains(where: verifiable.contains) else {
      return session.lastError
    }
    return "it offers host keys of the types \(offer.hostKeys.joined(separator: ", ")); this build verifies "
      + verifiable.joined(separator: ", ")
  }

  private func authenticate(_ turn: UInt64, _ credentials: [Credential]) async throws(LoginFailure) {
    var tried: [String] = []
    for credential in credentials {
      let request = SignRequest(credential)
      tried.append(credential.name)
      let code = try await offer(turn, request)
      if code == 0 { return }
      if session.wire.end != nil {
        // Nothing refused yet: the server broke off. Otherwise it had enough of our keys (MaxAuthTries).
        if tried.count == 1 { throw .dropped(session.wire.end ?? "") }
        break
      }
    }
    throw .final(.authenticationFailed(endpoint, tried: tried))
  }

  private func offer(_ turn: UInt64, _ request: SignRequest) async throws(LoginFailure) -> Int32 {
    while true {
      let code = session.authenticate(endpoint.user, request)
      if code != LIBSSH2_ERROR_EAGAIN { return code }
      if let message = request.wanted, case .agent(let agent, let key, let type) = request.credential.signer {
        request.settle(try? await agent.sign(message, with: key, type))
      } else {
        try await pauseLogin(turn, phase: "the login")
      }
    }
  }

  private func driveLogin(_ turn: UInt64, phase: String, _ step: () -> Int32) async throws(LoginFailure) -> Int32 {
    while true {
      let code = step()
      if code != LIBSSH2_ERROR_EAGAIN { return code }
      try await pauseLogin(turn, phase: phase)
    }
  }

  private func pauseLogin(_ turn: UInt64, phase: String) async throws(LoginFailure) {
    do throws(Interruption) {
      try await pause(turn)
    } catch {
      switch error {
      case .timedOut: throw .timedOut(phase: phase)
      case .cancelled: throw .final(.cancelled(endpoint, effectPossible: false))
      case .lost(let reason): throw .dropped(reason)
      }
    }
  }
}
