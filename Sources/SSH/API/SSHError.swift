package import Foundations
import PrimitiveKit

/// Why a host could not be reached, or the outcome of a command or an upload there.
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
  /// `authority` is where known_hosts trusts an authority for the host, whose certificates cannot be verified.
  case hostKeyUnknown(SSHEndpoint, offered: HostKeyOffer, files: [String], authority: String? = nil)
  case hostKeyChanged(SSHEndpoint, offered: HostKeyOffer, known: String)
  /// Keys of other types are known; `server` and `verifiable` are the types that the server has and this build can verify.
  case hostKeyTypeUnknown(
    SSHEndpoint,
    offered: HostKeyOffer,
    known: [KnownKey],
    server: [String],
    verifiable: [String]
  )
  case hostKeyRevoked(SSHEndpoint, offered: HostKeyOffer, known: String)
  case authenticationFailed(SSHEndpoint, tried: [String])
  /// Neither a key file nor an agent key is there to log in with.
  case noCredentials(SSHEndpoint)
  case keyFile(KeyFileError)
  /// A known_hosts file is there and cannot be read: no host is trusted or distrusted by what it might say.
  case knownHostsUnreadable(SSHEndpoint, file: String, reason: String, hint: String?)
  /// This machine cannot do its part; nothing was sent.
  case local(SSHEndpoint, LocalFault)
  /// Longer than what can be sent, in bytes.
  case commandTooLong(SSHEndpoint, bytes: Int, limit: Int)
  case agent(SSHEndpoint, reason: String)
  /// The server accepted the connection but not the command.
  case commandRefused(SSHEndpoint, reason: String)
  /// `got` is what it had answered by then.
  case timedOut(SSHEndpoint, after: Duration, effectPossible: Bool, got: SSHResult? = nil)
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
    case .timedOut(_, _, let effectPossible, _), .connectionLost(_, _, let effectPossible),
      .cancelled(_, let effectPossible):
      effectPossible
    default: false
    }
  }
}

/// A key that known_hosts has for a server.
package struct KnownKey: Sendable, Equatable {
  /// As known_hosts names it: `ssh-rsa`.
  package var type: String
  /// `FILE:LINE`.
  package var place: String
}

/// A host key as the operator compares it.
package struct HostKeyOffer: Sendable, Equatable {
  /// The type as known_hosts names it: `ssh-ed25519`.
  package var type: String
  /// `SHA256:…`, as `ssh-keygen -lf` prints it.
  package var fingerprint: String
  /// The key in base64, as known_hosts has it; empty where nobody needs it.
  package var key = ""

  /// A key by its type and its fingerprint.
  package init(type: String, fingerprint: String) {
    self.type = type
    self.fingerprint = fingerprint
  }

  /// The fingerprint is that of the key.
  package static func == (one: HostKeyOffer, other: HostKeyOffer) -> Bool {
    one.type == other.type && one.fingerprint == other.fingerprint
  }
}
