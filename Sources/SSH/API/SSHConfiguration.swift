/// How hosts are reached and trusted, and how much is done at once.
package struct SSHConfiguration: Sendable {
  /// The known_hosts files; one that does not exist counts as empty.
  package var knownHosts: [String]
  /// Private keys in OpenSSH's format, tried in order.
  package var keyFiles: [String]
  /// The agent's socket (`SSH_AUTH_SOCK`), or nil to leave the agent alone.
  package var agentSocket: String?
  /// How long one host may take from the first packet to an authenticated connection, waiting for a start excluded.
  package var connectTimeout: Duration = .seconds(10)
  /// Connections being opened at once, all hosts together.
  package var connectsInFlight = 30
  /// Connections being opened at once to one address and port: sshd drops from the 10th on (`MaxStartups 10:30:100`).
  package var connectsPerServer = 8
  /// Commands at once on one connection; sshd refuses beyond `MaxSessions` (10).
  package var channelsPerConnection = 8
  /// Connections to one endpoint.
  package var connectionsPerEndpoint = 4
  /// How long no channel of an endpoint may come free before a further connection is opened.
  package var spreadAfter: Duration = .seconds(2)
  /// A connection without commands is closed after this time (R0-13: 60 s); nil keeps it.
  package var idleClose: Duration? = .seconds(60)
  /// How often a silent peer is asked for a sign of life, at least 2 s; after three without one it counts as lost.
  package var keepAlive: Duration = .seconds(15)

  /// The usual limits with these files; the agent is used when a socket is given.
  package init(knownHosts: [String], keyFiles: [String], agentSocket: String? = nil) {
    self.knownHosts = knownHosts
    self.keyFiles = keyFiles
    self.agentSocket = agentSocket
  }
}
