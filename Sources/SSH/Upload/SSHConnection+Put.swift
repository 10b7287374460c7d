extension SSHConnection {
  /// Writes a file atomically.
  func put(_ upload: SSHUpload) async throws(OperationFailure) {
    throw .upload(.other("not yet"))
  }
}
