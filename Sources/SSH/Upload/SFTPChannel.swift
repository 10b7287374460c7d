import CSSH2

/// A channel that speaks SFTP.
struct SFTPChannel {
  let channel: Channel
  var packets: SFTPPackets
  /// Whether the request under way may already have changed what counts.
  var isEffectPossible = false

  /// Sends and receives as much as goes without waiting; negative is libssh2's error.
  mutating func advance(isCongested: Bool) -> Int32 {
    let code = receive()
    if code < 0 { return code }
    while !packets.outgoing.isEmpty, !isCongested {
      let length = packets.outgoing.withBytes { channel.write($0) }
      if length == Int(LIBSSH2_ERROR_EAGAIN) || length == 0 { return 0 }
      if length < 0 { return Int32(length) }
      packets.removeOutgoing(length)
    }
    // Writing may have read an answer.
    return receive()
  }

  private mutating func receive() -> Int32 {
    withUnsafeTemporaryAllocation(byteCount: 1 << 12, alignment: 1) { room in
      while true {
        let length = channel.read(.stdout, into: room)
        if length == Int(LIBSSH2_ERROR_EAGAIN) || length == 0 { return 0 }
        if length < 0 { return Int32(length) }
        packets.receive(UnsafeRawBufferPointer(rebasing: room[..<length]))
      }
    }
  }
}

extension SSHConnection {
  /// Waits for the answer to the oldest request.
  func reply(_ sftp: inout SFTPChannel, _ turn: UInt64) async throws(OperationFailure) -> SFTPPackets.Reply {
    while true {
      let code = sftp.advance(isCongested: session.wire.isCongested)
      do throws(SFTPPackets.Damage) {
        if let reply = try sftp.packets.nextReply() { return reply }
      } catch {
        throw .upload(.other("its SFTP server sent unexpected data; check that no shell profile there prints anything"))
      }
      if code < 0 { throw .lost(session.wire.end ?? session.lastError, sent: sftp.isEffectPossible) }
      if sftp.channel.hasEnded { throw .upload(.other("its SFTP server exited; check that it is installed there")) }
      try await pauseOperation(turn, sent: sftp.isEffectPossible)
    }
  }

  /// Waits for the answer to the oldest request, which must be that all went well.
  func confirm(_ sftp: inout SFTPChannel, _ turn: UInt64) async throws(OperationFailure) {
    guard case .status(let status, let message) = try await reply(&sftp, turn) else {
      throw .upload(.other("its SFTP server sent unexpected data"))
    }
    if status != .ok { throw .upload(.init(status, message)) }
  }
}

extension UploadFailure {
  init(_ status: SFTPPackets.Status, _ message: String) {
    switch status {
    case .noSuchFile: self = .other("no such directory")
    case .permissionDenied: self = .other("permission denied")
    default: self = .other(message.isEmpty ? "SFTP error \(status.rawValue)" : message.lowercased())
    }
  }
}
