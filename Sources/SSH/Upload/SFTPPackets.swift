/// The requests and answers of the SFTP subsystem, version 3 (draft-ietf-secsh-filexfer-02), as bytes.
///
/// libssh2 1.10 has no `posix-rename@openssh.com`, without which a file cannot be replaced atomically; the few requests
/// an upload needs are therefore written here and travel over an ordinary channel. Pure: no channel, no waiting.
struct SFTPPackets {
  enum Reply: Equatable {
    case version(extensions: Set<String>)
    case status(Status, message: String)
    case handle([UInt8])
    case extended([UInt8])
  }

  struct Status: RawRepresentable, Equatable {
    let rawValue: UInt32
    static let ok = Status(rawValue: 0)
    static let noSuchFile = Status(rawValue: 2)
    static let permissionDenied = Status(rawValue: 3)
    static let failure = Status(rawValue: 4)
  }

  /// The server sent something that is not SFTP: most often the greeting of a shell profile.
  struct Damage: Error {}

  private(set) var outgoing = ByteQueue()
  private var incoming = ByteQueue()
  /// The number of the last request, and of the request that was answered last.
  private(set) var lastID: UInt32 = 0
  private(set) var answeredID: UInt32 = 0

  mutating func removeOutgoing(_ count: Int) { outgoing.removeFirst(count) }
  mutating func receive(_ bytes: UnsafeRawBufferPointer) { incoming.append(bytes) }

  // MARK: Requests

  mutating func initialize() {
    var packet = SSHWriter()
    packet.byte(Kind.initialize)
    packet.uint32(3)
    queue(packet)
  }

  /// Creates a file that must not exist yet, with at most these permission bits.
  mutating func create(_ path: String, mode: UInt32) {
    // WRITE, CREAT and EXCL; of the attributes only the permissions.
    request(Kind.open) {
      $0.text(path)
      $0.uint32(0x02 | 0x08 | 0x20)
      $0.uint32(0x04)
      $0.uint32(mode)
    }
  }

  mutating func write(_ handle: [UInt8], at offset: Int, _ bytes: some Collection<UInt8>) {
    request(Kind.write) {
      $0.string(handle)
      $0.uint64(UInt64(offset))
      $0.string(bytes)
    }
  }

  mutating func setMode(_ handle: [UInt8], _ mode: UInt32) {
    request(Kind.setAttributes) {
      $0.string(handle)
      $0.uint32(0x04)
      $0.uint32(mode)
    }
  }

  mutating func close(_ handle: [UInt8]) { request(Kind.close) { $0.string(handle) } }

  mutating func remove(_ path: String) { request(Kind.remove) { $0.text(path) } }

  mutating func sync(_ handle: [UInt8]) {
    request(Kind.extended) {
      $0.text(Extension.sync)
      $0.string(handle)
    }
  }

  mutating func rename(_ path: String, to target: String) {
    request(Kind.extended) {
      $0.text(Extension.rename)
      $0.text(path)
      $0.text(target)
    }
  }

  mutating func space(of path: String) {
    request(Kind.extended) {
      $0.text(Extension.space)
      $0.text(path)
    }
  }

  enum Extension {
    static let sync = "fsync@openssh.com"
    static let rename = "posix-rename@openssh.com"
    static let space = "statvfs@openssh.com"
  }

  private enum Kind {
    static let initialize: UInt8 = 1
    static let version: UInt8 = 2
    static let open: UInt8 = 3
    static let close: UInt8 = 4
    static let write: UInt8 = 6
    static let setAttributes: UInt8 = 10
    static let remove: UInt8 = 13
    static let status: UInt8 = 101
    static let handle: UInt8 = 102
    static let extended: UInt8 = 200
    static let extendedReply: UInt8 = 201
  }

  private mutating func request(_ kind: UInt8, _ fill: (inout SSHWriter) -> Void) {
    lastID += 1
    var packet = SSHWriter()
    packet.byte(kind)
    packet.uint32(lastID)
    fill(&packet)
    queue(packet)
  }

  private mutating func queue(_ packet: SSHWriter) {
    var framed = SSHWriter()
    framed.string(packet.bytes)
    framed.bytes.withUnsafeBytes { outgoing.append($0) }
  }

  // MARK: Answers

  /// The next whole answer; the server keeps the order of the requests.
  mutating func nextReply() throws(Damage) -> Reply? {
    guard incoming.count >= 4 else { return nil }
    var header = SSHReader(incoming.prefix(4))
    // OpenSSH's own limit on an SFTP message.
    guard let length = header.uint32(), (1...(256 * 1024)).contains(length) else { throw Damage() }
    guard incoming.count >= 4 + Int(length) else { return nil }
    let packet = incoming.prefix(4 + Int(length)).dropFirst(4)
    incoming.removeFirst(4 + Int(length))
    guard let (id, reply) = Self.reply(Array(packet)) else { throw Damage() }
    answeredID = id
    return reply
  }

  private static func reply(_ packet: [UInt8]) -> (id: UInt32, Reply)? {
    var reader = SSHReader(packet)
    guard let kind = reader.byte(), let id = reader.uint32(), let reply = reply(kind, &reader) else { return nil }
    return (id, reply)
  }

  private static func reply(_ kind: UInt8, _ reader: inout SSHReader) -> Reply? {
    switch kind {
    case Kind.version:
      var extensions: Set<String> = []
      while let name = reader.text(), reader.string() != nil { extensions.insert(name) }
      return .version(extensions: extensions)
    case Kind.status:
      guard let code = reader.uint32() else { return nil }
      return .status(Status(rawValue: code), message: reader.text() ?? "")
    case Kind.handle: return reader.string().map(Reply.handle)
    case Kind.extendedReply: return reader.bytes(reader.count).map(Reply.extended)
    default: return nil
    }
  }
}
