import PrimitiveKit

/// Why a host could not be reached, or what became of a command or an upload there.
package enum SSHError: OperatorError, Equatable {
  /// No route, an unknown name, or another error of the network.
  case unreachable(SSHEndpoint, reason: String)
  /// Nothing listens at that port.
  case refused(SSHEndpoint)
  /// The connection was not ready in time; `phase` says where it stood.
  case connectTimedOut(SSHEndpoint, after: Duration, phase: String)
  /// The server kept closing the connection before it could log in.
  case dropped(SSHEndpoint, attempts: Int, reason: String)
  /// The two sides share no method, or the server is no SSH server.
  case handshakeFailed(SSHEndpoint, reason: String)
  case hostKeyUnknown(SSHEndpoint, offered: HostKeyOffer, files: [String])
  case hostKeyChanged(SSHEndpoint, offered: HostKeyOffer, known: String)
  case hostKeyRevoked(SSHEndpoint, offered: HostKeyOffer, known: String)
  case authenticationFailed(SSHEndpoint, tried: [String])
  /// Neither a key file nor an agent key is there to log in with.
  case noCredentials(SSHEndpoint)
  case keyFile(KeyFileError)
  case agent(SSHEndpoint, reason: String)
  /// The server accepted the connection but not the command.
  case commandRefused(SSHEndpoint, reason: String)
  case timedOut(SSHEndpoint, after: Duration, effectPossible: Bool)
  case connectionLost(SSHEndpoint, reason: String, effectPossible: Bool)
  case cancelled(SSHEndpoint, effectPossible: Bool)
  case diskFull(SSHEndpoint, path: String)
  case uploadFailed(SSHEndpoint, path: String, reason: String)
  /// The client was closed.
  case closed

  /// Whether the host may have begun what was asked; false means that nothing was sent.
  ///
  /// A refused upload leaves the old file as it was, so it counts as no effect.
  package var effectPossible: Bool {
    switch self {
    case .timedOut(_, _, let effectPossible), .connectionLost(_, _, let effectPossible),
      .cancelled(_, let effectPossible):
      effectPossible
    default: false
    }
  }
}

/// A host key as the operator compares it.
package struct HostKeyOffer: Sendable, Equatable {
  /// The type as known_hosts names it: `ssh-ed25519`.
  package var type: String
  /// `SHA256:…`, as `ssh-keygen -lf` prints it.
  package var fingerprint: String

  /// A key by its type and its fingerprint.
  package init(type: String, fingerprint: String) {
    self.type = type
    self.fingerprint = fingerprint
  }
}
