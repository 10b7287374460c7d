import EventLoop

extension SSHClient {
  /// Runs `body` on a channel of a connection; once more on a fresh one when nothing was sent on a stale one.
  func withConnection<Result: Sendable>(
    to endpoint: SSHEndpoint,
    limit: Duration?,
    path: String = "",
    _ body: @Sendable (SSHConnection) async throws(OperationFailure) -> (Result, isAbandoned: Bool)
  ) async throws(SSHError) -> Result {
    var isRetried = false
    var refusals = 0
    while true {
      let connection = try await acquire(endpoint)
      do throws(OperationFailure) {
        let (result, isAbandoned) = try await body(connection)
        served(connection)
        release(connection, isAbandoned: isAbandoned)
        return result
      } catch {
        if case .full = error {
          // Whoever holds the server's channels gives them back; until then this waits like everybody.
          if let pause = releaseUnopened(connection, isPatient: refusals < 40) {
            if pause > .zero {
              refusals += 1
              await home.sleep(for: pause)
            }
            continue
          }
        } else {
          release(connection, after: error)
        }
        if !isRetried, error.isWorthAnother {
          isRetried = true
          continue
        }
        throw SSHError(error, endpoint, limit: limit, path: path)
      }
    }
  }

  private func release(_ connection: SSHConnection, after failure: OperationFailure) {
    switch failure {
    // The server has no session left for us on this connection.
    case .refused, .full: release(connection, retire: true)
    case .timedOut, .cancelled: release(connection, isAbandoned: true)
    case .lost: release(connection, retire: true)
    case .upload: release(connection)
    }
  }
}

extension OperationFailure {
  /// Whether nothing was sent, for a reason that a fresh connection would not have.
  fileprivate var isWorthAnother: Bool {
    switch self {
    case .lost(_, sent: false), .refused, .full: true
    default: false
    }
  }
}

extension SSHError {
  fileprivate init(_ failure: OperationFailure, _ endpoint: SSHEndpoint, limit: Duration?, path: String) {
    switch failure {
    case .timedOut(let sent, let got):
      self = .timedOut(endpoint, after: limit ?? .zero, effectPossible: sent, got: got)
    case .cancelled(let sent): self = .cancelled(endpoint, effectPossible: sent)
    case .lost(let reason, let sent): self = .connectionLost(endpoint, reason: reason, effectPossible: sent)
    case .refused(let reason), .full(let reason): self = .commandRefused(endpoint, reason: reason)
    case .upload(.diskFull): self = .diskFull(endpoint, path: path)
    case .upload(.other(let reason)): self = .uploadFailed(endpoint, path: path, reason: reason)
    }
  }
}
