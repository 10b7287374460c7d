/// The types of host key that a server has, from the first bytes it sends, which are not encrypted (RFC 4253 section 7.1).
///
/// libssh2 tells only which one both sides agreed on.
struct ServerOffer: Equatable {
  let hostKeys: [String]

  /// `bytes` are those of the stream from its beginning; nil when they do not hold the whole offer.
  init?(_ bytes: [UInt8]) {
    // Lines before the version are allowed (section 4.2).
    var rest = bytes[...]
    while true {
      guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
      let isVersion = rest.starts(with: "SSH-".utf8)
      rest = rest[(end + 1)...]
      if isVersion { break }
    }
    var reader = SSHReader(Array(rest))
    guard reader.uint32() != nil, reader.byte() != nil, reader.byte() == ServerOffer.message, reader.bytes(16) != nil,
      reader.text() != nil, let names = reader.text()
    else { return nil }
    hostKeys = names.split(separator: ",").map(String.init)
  }

  /// SSH_MSG_KEXINIT.
  private static let message: UInt8 = 20
}
