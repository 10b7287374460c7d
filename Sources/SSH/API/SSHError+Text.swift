import Foundations
package import PrimitiveKit

extension SSHError {
  /// Whether something may have happened on the host decides.
  package var failureClass: FailureClass {
    switch self {
    case _ where effectPossible: .unknownOutcome
    case .cancelled, .closed: .cancelled
    case .commandRefused, .local, .knownHostsUnreadable, .noCredentials, .agent: .refused
    case .keyFile(let error): error.failureClass
    case .commandTooLong: .invalid
    case .diskFull, .uploadFailed: .failed
    default: .unavailable
    }
  }

  /// What was given up, and what took too long.
  package var mark: FailureMark? {
    switch self {
    case .cancelled: .cancelled
    case .timedOut: .timedOut
    case .local, .knownHostsUnreadable, .noCredentials, .agent, .commandTooLong: .local
    case .keyFile(let error): error.mark
    default: nil
    }
  }

  /// The stable code that scripts match on.
  package var code: String {
    switch self {
    case .unreachable: "ssh.unreachable"
    case .refused: "ssh.refused"
    case .connectTimedOut: "ssh.connect_timeout"
    case .dropped: "ssh.dropped"
    case .handshakeFailed: "ssh.handshake"
    case .hostKeyUnknown: "ssh.host_key_unknown"
    case .hostKeyChanged: "ssh.host_key_changed"
    case .hostKeyRevoked: "ssh.host_key_revoked"
    case .hostKeyTypeUnknown: "ssh.host_key_type_unknown"
    case .authenticationFailed: "ssh.authentication"
    case .noCredentials: "ssh.no_credentials"
    case .keyFile(let error): error.code
    case .agent: "ssh.agent"
    case .knownHostsUnreadable: "ssh.known_hosts"
    case .local: "local.fault"
    case .commandTooLong: "command.too_long"
    case .commandRefused: "ssh.command_refused"
    case .timedOut: "ssh.timeout"
    case .connectionLost: "ssh.connection_lost"
    case .cancelled: "call.cancelled"
    case .diskFull: "ssh.disk_full"
    case .uploadFailed: "ssh.upload"
    case .closed: "ssh.closed"
    }
  }

  /// What happened, and where.
  package var message: String {
    switch self {
    case .unreachable(let host, let reason): "\(host.name) cannot be reached at \(host.server): \(reason)"
    case .refused(let host): "\(host.name) refuses connections at \(host.server)"
    case .connectTimedOut(let host, let limit, let phase):
      "\(host.name) did not finish \(phase) at \(host.server) within \(limit.limit)"
    case .dropped(let host, let attempts, let reason):
      "\(host.name) closed the connection before login, \(attempts) times in a row: \(reason)"
    case .handshakeFailed(let host, let reason): "\(host.name) and opsh could not agree on a connection: \(reason)"
    case .hostKeyUnknown(let host, let offered, _, let authority?):
      "the host key of \(host.name) cannot be checked: it offers \(offered.type) \(offered.fingerprint), and "
        + "\(authority) trusts only an authority that signs its key; this build verifies no host certificates"
    case .hostKeyUnknown(let host, let offered, let files, nil):
      "the host key of \(host.name) is unknown: it offers \(offered.type) \(offered.fingerprint), "
        + "and \(files.isEmpty ? "no known_hosts file" : files.joined(separator: ", ")) does not list it for \(host.server)"
    case .hostKeyChanged(let host, let offered, let known):
      "the host key of \(host.name) has changed: it offers \(offered.type) \(offered.fingerprint), \(known) says otherwise"
    case .hostKeyRevoked(let host, let offered, let known):
      "the host key of \(host.name), \(offered.type) \(offered.fingerprint), is revoked by \(known)"
    case .hostKeyTypeUnknown(let host, let offered, let known, let server, let verifiable):
      "the host key of \(host.name) cannot be checked: known_hosts lists "
        + known.map { "\($0.type) (\($0.place))" }.joined(separator: ", ")
        + "; the host offers \(server.isEmpty ? offered.type : server.joined(separator: ", ")), of which this build "
        + "verifies \(SSHError.list(server.filter(verifiable.contains), or: offered.type))"
    case .authenticationFailed(let host, let tried):
      "\(host.name) refused \(host.user): tried \(tried.joined(separator: ", "))"
    case .noCredentials(let host): "no key to log in to \(host.name) with"
    case .keyFile(let error): error.message
    case .knownHostsUnreadable(let host, let file, let reason, _):
      "\(host.name): nothing was sent: \(file) cannot be read: \(reason)"
    case .local(let host, let fault): "\(host.name): nothing was sent: \(fault.reason)"
    case .commandTooLong(_, let bytes, let limit): CommandLimit.words(bytes, limit)
    case .agent(let host, let reason): "the SSH agent cannot log in to \(host.name): \(reason)"
    case .commandRefused(let host, let reason): "\(host.name) refused to run the command: \(reason)"
    case .timedOut(let host, let limit, true, _):
      "\(host.name) did not finish within \(limit.limit); it may still be running there"
    case .timedOut(let host, let limit, false, _): "\(host.name) did not start the command within \(limit.limit)"
    case .connectionLost(let host, let reason, true):
      "the connection to \(host.name) was lost after the command was sent: \(reason)"
    case .connectionLost(let host, let reason, false):
      "the connection to \(host.name) was lost before anything was sent: \(reason)"
    case .cancelled(let host, true): "cancelled; what was sent to \(host.name) may still be running there"
    case .cancelled(let host, false): "cancelled before anything was sent to \(host.name)"
    case .diskFull(let host, let path): "the disk of \(host.name) is full; \(path) is unchanged"
    case .uploadFailed(let host, let path, let reason): "\(host.name) did not accept \(path): \(reason)"
    case .closed: "the SSH client is closed"
    }
  }

  /// What the operator may try.
  package var hint: String? {
    switch self {
    case .unreachable, .connectTimedOut: "check that the host is up and its address in the site is right"
    case .refused: "check that sshd runs there and the port in the site is right"
    case .dropped: "sshd may limit logins (MaxStartups), or a firewall may interfere; check sshd's log there"
    case .handshakeFailed(let host, _): "`ssh -v -p \(host.port) \(host.address)` shows what each side offers"
    case .hostKeyUnknown(let host, let offered, let files, _):
      "compare the fingerprint with `ssh-keygen -lf` at the host itself; if it is the same, add this line to "
        + "\(files.first ?? "~/.ssh/known_hosts"): \(host.server) \(offered.type) \(offered.key)"
    case .hostKeyChanged(_, let offered, let known):
      "someone may be listening in: do not replace \(known) before `ssh-keygen -lf` at the host itself shows "
        + "\(offered.fingerprint)"
    case .hostKeyTypeUnknown(let host, _, let known, _, _):
      "`ssh -o StrictHostKeyChecking=yes -o UpdateHostKeys=yes -o UserKnownHostsFile=\(SSHError.file(known)) "
        + "-p \(host.port) \(host.user)@\(host.address) true` checks the known key and adds the others"
    case .hostKeyRevoked: "do not connect; ask who revoked the key"
    case .authenticationFailed(let host, _): "check that the public key is in ~\(host.user)/.ssh/authorized_keys there"
    case .noCredentials: "name a key file in the site, or start an agent and `ssh-add` a key"
    case .keyFile(let error): error.hint
    case .knownHostsUnreadable(_, _, _, let hint): hint
    case .local(_, let fault): fault.hint
    case .commandTooLong: CommandLimit.hint
    case .agent: "run `ssh-add -l` to see whether the agent answers and holds a key"
    case .commandRefused: "sshd may limit sessions (MaxSessions) or commands (ForceCommand)"
    case .timedOut(_, _, true, _), .connectionLost(_, _, true), .cancelled(_, true):
      "check the host before you try again"
    case .timedOut, .connectionLost, .cancelled, .closed: nil
    case .diskFull: "free some space there, then try again"
    case .uploadFailed: "check that the directory exists and is writable for the user"
    }
  }

  private static func list(_ names: [String], or other: String) -> String {
    names.isEmpty ? other : names.joined(separator: ", ")
  }

  /// The file of the first place `FILE:LINE`.
  private static func file(_ known: [KnownKey]) -> String {
    let place = known.first?.place ?? ""
    return ShellQuote.word(place.lastIndex(of: ":").map { String(place[..<$0]) } ?? place)
  }
}
