import CSSH2
import EventLoop

extension SSHConnection {
  /// Opens a channel and asks for `request`; nothing has begun when this throws, except as `sent` tells.
  func openChannel(_ turn: UInt64) async throws(OperationFailure) -> Channel {
    // libssh2 keeps the state of an opening in the session: one at a time.
    while isOpening { try await pauseOperation(turn, sent: false) }
    isOpening = true
    // A connection that idled may have died unnoticed; nothing is sent yet, so a fresh one can be tried.
    let timer = expectAnswer()
    defer {
      loop.cancel(timer)
      isOpening = false
      wakeAll()
    }
    while true {
      let (channel, code) = session.openChannel()
      if let channel { return channel }
      if code != LIBSSH2_ERROR_EAGAIN {
        let reason = session.wire.end ?? session.lastError
        throw isBroken || session.wire.end != nil ? .lost(reason, sent: false) : .full(reason)
      }
      try await pauseOperation(turn, sent: false)
    }
  }

  /// Asks the server to start something on a channel.
  func start(
    _ request: String,
    _ message: String,
    on channel: Channel,
    _ turn: UInt64,
    sent: Bool = true
  ) async throws(OperationFailure) {
    while true {
      let code = channel.start(request, message)
      if code == 0 { return }
      if code != LIBSSH2_ERROR_EAGAIN {
        let reason = session.wire.end ?? session.lastError
        // A refusal is the server's answer; anything else leaves open what the server did.
        throw session.wire.end == nil ? .refused(reason) : .lost(reason, sent: sent)
      }
      try await pauseOperation(turn, sent: sent)
    }
  }

  /// Ends a channel that has said its last: takes the server's last word, answers it and keeps it as the ear.
  func finish(_ channel: Channel, _ turn: UInt64) async throws(OperationFailure) {
    for step in [channel.waitClosed, channel.close] {
      while true {
        let code = step()
        if code == 0 { break }
        if code != LIBSSH2_ERROR_EAGAIN { throw .lost(session.wire.end ?? session.lastError, sent: true) }
        try await pauseOperation(turn, sent: true)
      }
    }
  }

  /// Closes a channel before its end, without making anyone wait for it.
  ///
  /// libssh2 1.10 does not wait for the server's answer as it says it does: until then the server may fill the window
  /// (2 MiB), which somebody has to take off the wire. When this fails the session frees the channel with itself.
  func abandon(_ channel: Channel) {
    Task {
      let turn = beginTurn(timeout: .seconds(30))
      defer { endTurn(turn) }
      do throws(Interruption) {
        guard try await drive(turn, channel.close) >= 0 else { return }
        while !channel.hasEnded {
          if !channel.discard() { return }
          if !channel.hasEnded { try await pause(turn) }
        }
        retire(channel)
      } catch {
        return
      }
    }
  }

  func pauseOperation(_ turn: UInt64, sent: Bool) async throws(OperationFailure) {
    do throws(Interruption) {
      try await pause(turn)
    } catch {
      throw OperationFailure(error, sent: sent)
    }
  }
}

/// How an operation on a connection can fail.
enum OperationFailure: Error {
  /// `got` is what had come by then.
  case timedOut(sent: Bool, got: SSHResult? = nil)
  case cancelled(sent: Bool)
  case lost(String, sent: Bool)
  /// The server opens no further channel on this connection.
  case full(String)
  /// The server said no.
  case refused(String)
  /// An upload could not be written.
  case upload(UploadFailure)

  init(_ interruption: SSHConnection.Interruption, sent: Bool) {
    switch interruption {
    case .timedOut: self = .timedOut(sent: sent)
    case .cancelled: self = .cancelled(sent: sent)
    case .lost(let reason): self = .lost(reason, sent: sent)
    }
  }
}

/// Why a file could not be written.
enum UploadFailure: Error, Equatable {
  case diskFull
  case other(String)
}
