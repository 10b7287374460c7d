import CSSH2

extension SSHConnection {
  /// Writes a file beside its place, makes it durable and renames it over the old one.
  func put(_ upload: SSHUpload) async throws(OperationFailure) {
    try await withTurn(timeout: upload.timeout) { turn throws(OperationFailure) in
      let channel = try await openChannel(turn)
      var sftp = SFTPChannel(channel: channel, packets: SFTPPackets())
      let target = UploadTarget(upload.path)
      var stage = UploadStage.begun
      do throws(OperationFailure) {
        try await start("subsystem", "sftp", on: channel, turn, sent: false)
        try await write(upload, target, &sftp, turn, &stage)
        abandon(channel)
      } catch {
        discard(target, sftp, stage)
        throw error
      }
    }
  }

  private func write(
    _ upload: SSHUpload,
    _ target: UploadTarget,
    _ sftp: inout SFTPChannel,
    _ turn: UInt64,
    _ stage: inout UploadStage
  ) async throws(OperationFailure) {
    sftp.packets.initialize()
    guard case .version(let extensions) = try await reply(&sftp, turn) else {
      throw .upload(.other("it does not offer SFTP"))
    }
    guard extensions.contains(SFTPPackets.Extension.rename) else {
      throw .upload(.other("its SFTP server cannot replace a file atomically (posix-rename@openssh.com)"))
    }
    do throws(OperationFailure) {
      let handle = try await create(target, upload.mode, &sftp, turn)
      stage = .written(handle: handle)
      try await send(upload.content, handle, &sftp, turn)
      // The server's umask may have narrowed the mode at creation.
      sftp.packets.setMode(handle, upload.mode)
      try await confirm(&sftp, turn)
      if extensions.contains(SFTPPackets.Extension.sync) {
        sftp.packets.sync(handle)
        try await confirm(&sftp, turn)
      }
      sftp.packets.close(handle)
      try await confirm(&sftp, turn)
      stage = .closed
    } catch .upload(let failure) {
      throw .upload(try await explain(failure, target, upload.content.count, &sftp, turn))
    } catch {
      throw error
    }
    sftp.packets.rename(target.temporary, to: target.path)
    sftp.isEffectPossible = true
    try await confirm(&sftp, turn)
    stage = .renamed
  }

  private func create(
    _ target: UploadTarget,
    _ mode: UInt32,
    _ sftp: inout SFTPChannel,
    _ turn: UInt64
  ) async throws(OperationFailure) -> [UInt8] {
    sftp.packets.create(target.temporary, mode: mode & 0o777)
    switch try await reply(&sftp, turn) {
    case .handle(let handle): return handle
    case .status(let status, let message): throw .upload(.init(status, message))
    default: throw .upload(.other("its SFTP server sent unexpected data"))
    }
  }

  private func send(
    _ content: [UInt8],
    _ handle: [UInt8],
    _ sftp: inout SFTPChannel,
    _ turn: UInt64
  ) async throws(OperationFailure) {
    // 32 KiB a write is what every server takes; 32 of them under way hide the round trips.
    var unanswered = 0
    for offset in stride(from: 0, to: content.count, by: 1 << 15) {
      sftp.packets.write(handle, at: offset, content[offset..<min(offset + 1 << 15, content.count)])
      unanswered += 1
      if unanswered == 32 {
        try await confirm(&sftp, turn)
        unanswered -= 1
      }
    }
    for _ in 0..<unanswered { try await confirm(&sftp, turn) }
  }

  // SFTP 3 says no more than "Failure" when the disk is full; the file system itself tells.
  private func explain(
    _ failure: UploadFailure,
    _ target: UploadTarget,
    _ size: Int,
    _ sftp: inout SFTPChannel,
    _ turn: UInt64
  ) async throws(OperationFailure) -> UploadFailure {
    sftp.packets.space(of: target.directory)
    let id = sftp.packets.lastID
    while true {
      let reply = try await reply(&sftp, turn)
      // The answers to writes that were under way come first.
      if sftp.packets.answeredID != id { continue }
      guard case .extended(let answer) = reply, let space = FileSystemSpace(answer) else { return failure }
      return space.isFull(for: size) ? .diskFull : failure
    }
  }

  // What a failed upload has left is removed even when its task was cancelled; a lost connection leaves the temporary file.
  private func discard(_ target: UploadTarget, _ unfinished: SFTPChannel, _ stage: UploadStage) {
    guard stage != .begun, stage != .renamed, !isBroken else { return abandon(unfinished.channel) }
    Task {
      var sftp = unfinished
      let turn = beginTurn(timeout: .seconds(10))
      defer { endTurn(turn) }
      if case .written(let handle) = stage { sftp.packets.close(handle) }
      sftp.packets.remove(target.temporary)
      while (try? await reply(&sftp, turn)) != nil, sftp.packets.answeredID != sftp.packets.lastID {}
      abandon(sftp.channel)
    }
  }
}

/// How far an upload has come on the host.
private enum UploadStage: Equatable {
  case begun
  case written(handle: [UInt8])
  case closed
  case renamed
}
