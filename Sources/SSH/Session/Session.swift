import CSSH2
import Cryptography

/// A libssh2 session: it cannot be copied, and frees its channels and itself when it goes out of scope.
///
/// Used by one thread at a time; every call returns at once, with `LIBSSH2_ERROR_EAGAIN` when more bytes must come first.
struct Session: ~Copyable {
  let wire: Wire
  let handle: OpaquePointer

  // libssh2_init is not thread-safe and wants to be called once.
  private static let isLibraryReady = Library.isReady && libssh2_init(0) == 0

  /// Nil when there is no memory.
  init?(wire: Wire) {
    let abstract = Unmanaged.passUnretained(wire).toOpaque()
    guard Self.isLibraryReady, let handle = libssh2_session_init_ex(nil, nil, nil, abstract) else { return nil }
    self.wire = wire
    self.handle = handle
    libssh2_session_set_blocking(handle, 0)
    opsh_ssh2_set_receive(handle) { _, bytes, length, _, abstract in
      Wire.behind(abstract)?.receive(bytes, length) ?? 0
    }
    opsh_ssh2_set_send(handle) { _, bytes, length, _, abstract in
      Wire.behind(abstract)?.transmit(bytes, length) ?? 0
    }
    // Cheap on both sides and offered by every sshd; others cost more CPU (DESIGN 8).
    prefer(LIBSSH2_METHOD_CRYPT_CS, "aes128-ctr,aes192-ctr,aes256-ctr")
    prefer(LIBSSH2_METHOD_CRYPT_SC, "aes128-ctr,aes192-ctr,aes256-ctr")
    prefer(LIBSSH2_METHOD_MAC_CS, "hmac-sha2-256,hmac-sha2-512")
    prefer(LIBSSH2_METHOD_MAC_SC, "hmac-sha2-256,hmac-sha2-512")
    // Replies are wanted; the interval is ours, so libssh2 gets its smallest.
    libssh2_keepalive_config(handle, 1, 1)
  }

  deinit {
    // With the wire shut every call ends at once, so this cannot come back with EAGAIN for ever.
    wire.shut("closed")
    for _ in 0..<64 where libssh2_session_free(handle) != LIBSSH2_ERROR_EAGAIN { return }
  }

  private borrowing func prefer(_ method: Int32, _ names: String) {
    libssh2_session_method_pref(handle, method, names)
  }

  /// Says which host keys the server shall offer, best first.
  borrowing func preferHostKeys(_ types: [String]) {
    prefer(LIBSSH2_METHOD_HOSTKEY, types.joined(separator: ","))
  }

  /// The types of host key whose signatures this libssh2 can verify.
  var verifiableHostKeys: [String] {
    var names: UnsafeMutablePointer<UnsafePointer<CChar>?>?
    let count = libssh2_session_supported_algs(handle, LIBSSH2_METHOD_HOSTKEY, &names)
    guard count > 0, let names else { return [] }
    defer { libssh2_free(handle, names) }
    return (0..<Int(count)).compactMap { names[$0].map { String(cString: $0) } }
  }

  borrowing func handshake() -> Int32 { libssh2_session_handshake(handle, wire.socket.number) }

  /// The server's public key, in SSH's encoding.
  var hostKey: [UInt8] {
    var length = 0
    var type: Int32 = 0
    guard let bytes = libssh2_session_hostkey(handle, &length, &type) else { return [] }
    return UnsafeRawBufferPointer(start: bytes, count: length).map { $0 }
  }

  /// Offers a public key; `request` signs, or notes what an agent has to sign.
  borrowing func authenticate(_ user: String, _ request: SignRequest) -> Int32 {
    var abstract: UnsafeMutableRawPointer? = Unmanaged.passUnretained(request).toOpaque()
    let key = request.credential.publicKey
    return libssh2_userauth_publickey(handle, user, key, key.count, signForSession, &abstract)
  }

  borrowing func askForLife() {
    var next: Int32 = 0
    libssh2_keepalive_send(handle, &next)
  }

  /// Tells the server goodbye, as far as that takes no waiting.
  borrowing func disconnect() {
    libssh2_session_disconnect_ex(handle, 11, "bye", "")
  }

  /// Opens a session channel; the code is 0, or says why it could not be opened.
  borrowing func openChannel() -> (channel: Channel?, code: Int32) {
    // 2 MiB window and 32 KiB packets, libssh2's defaults.
    let channel = libssh2_channel_open_ex(handle, "session", 7, 2 << 20, 32768, nil, 0)
    return (channel.map(Channel.init), channel == nil ? libssh2_session_last_errno(handle) : 0)
  }

  /// The text of the last error; libssh2 keeps it only until the next call.
  var lastError: String {
    var text: UnsafeMutablePointer<CChar>?
    libssh2_session_last_error(handle, &text, nil, 0)
    return text.map { String(cString: $0) } ?? "no reason given"
  }
}

extension Wire {
  fileprivate static func behind(_ abstract: UnsafeMutablePointer<UnsafeMutableRawPointer?>?) -> Wire? {
    guard let pointer = abstract?.pointee else { return nil }
    return Unmanaged<Wire>.fromOpaque(pointer).takeUnretainedValue()
  }
}
