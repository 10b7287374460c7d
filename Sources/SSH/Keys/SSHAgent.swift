import EventLoop
import Foundations
import Glibc

/// A conversation with `ssh-agent` over its socket (draft-miller-ssh-agent), which never blocks a thread.
struct SSHAgent: Sendable {
  let socketPath: String
  let loop: EventLoop

  struct Failure: Error {
    let reason: String
    /// What is wrong on this machine; nil where the agent is.
    var fault: LocalFault?
  }

  /// The keys it holds, of the kinds that work here.
  func keys() async throws(Failure) -> [(publicKey: [UInt8], comment: String)] {
    var answer = SSHReader(try await ask([Message.listKeys], atMost: .seconds(5)))
    guard answer.byte() == Message.keys, let count = answer.uint32() else { throw Failure(reason: "it lists no keys") }
    var keys: [(publicKey: [UInt8], comment: String)] = []
    for _ in 0..<min(count, 256) {
      guard let key = answer.string(), let comment = answer.text() else { break }
      if KeyType(publicKey: key) != nil { keys.append((key, comment)) }
    }
    return keys
  }

  /// Has a message signed; a person may have to confirm it, so the caller's deadline is the only one.
  func sign(_ message: [UInt8], with publicKey: [UInt8], _ type: KeyType) async throws(Failure) -> [UInt8] {
    var request = SSHWriter()
    request.byte(Message.sign)
    request.string(publicKey)
    request.string(message)
    request.uint32(type == .rsa ? Message.sha512Flag : 0)
    var answer = SSHReader(try await ask(request.bytes, atMost: nil))
    guard answer.byte() == Message.signature, let signature = answer.string() else {
      throw Failure(reason: "it refused to sign")
    }
    var parts = SSHReader(signature)
    guard parts.string() != nil, let bytes = parts.string() else { throw Failure(reason: "its signature is damaged") }
    return bytes
  }

  private enum Message {
    static let listKeys: UInt8 = 11
    static let keys: UInt8 = 12
    static let sign: UInt8 = 13
    static let signature: UInt8 = 14
    static let sha512Flag: UInt32 = 4
  }

  private func ask(_ request: [UInt8], atMost limit: Duration?) async throws(Failure) -> [UInt8] {
    let socket = try connected()
    var message = SSHWriter()
    message.string(request)
    try await send(message.bytes, to: socket)
    let header = try await receive(4, from: socket, limit)
    var reader = SSHReader(header)
    // OpenSSH's own limit on an agent message.
    guard let length = reader.uint32(), length <= 256 * 1024 else { throw Failure(reason: "its answer is too long") }
    return try await receive(Int(length), from: socket, limit)
  }

  private func connected() throws(Failure) -> Descriptor {
    let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw Failure(reason: describe(errno: errno), fault: LocalFault(errno)) }
    let socket = Descriptor(number)
    guard let address = SocketAddress(unixPath: socketPath) else { throw Failure(reason: "\(socketPath) is too long") }
    // A Unix socket connects at once or not at all.
    guard address.connect(socket.number) == 0 else {
      throw Failure(reason: "\(socketPath): \(describe(errno: errno))")
    }
    return socket
  }

  private func send(_ bytes: [UInt8], to socket: borrowing Descriptor) async throws(Failure) {
    let number = socket.number
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(number, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        sent += count
      } else if errno != EAGAIN && errno != EINTR {
        throw Failure(reason: describe(errno: errno))
      } else if await loop.wait(socket.number, for: .writable, atMost: .seconds(5)).isEmpty {
        throw Failure(reason: "it does not accept requests")
      }
    }
  }

  private func receive(_ count: Int, from socket: borrowing Descriptor, _ limit: Duration?) async throws(Failure)
    -> [UInt8]
  {
    var bytes: [UInt8] = []
    while bytes.count < count {
      var piece = [UInt8](repeating: 0, count: count - bytes.count)
      let length = recv(socket.number, &piece, piece.count, 0)
      if length > 0 {
        bytes.append(contentsOf: piece[..<length])
      } else if length == 0 {
        throw Failure(reason: "it closed the connection")
      } else if errno != EAGAIN && errno != EINTR {
        throw Failure(reason: describe(errno: errno))
      } else if await loop.wait(socket.number, for: .readable, atMost: limit).isEmpty {
        throw Failure(reason: "it does not answer")
      }
    }
    return bytes
  }
}
