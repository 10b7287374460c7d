import Cryptography

/// The host keys an operator trusts, looked up in constant time (`man 8 sshd`, SSH_KNOWN_HOSTS FILE FORMAT).
struct KnownHosts: Sendable {
  struct Entry: Sendable, Equatable {
    var type: String
    var key: [UInt8]
    var isRevoked: Bool
    /// Whether it is the key of an authority that signs host keys, which libssh2 cannot verify.
    var isAuthority = false
    var file: String
    var line: Int

    var place: String { "\(file):\(line)" }
  }

  private struct Hashed: Sendable {
    var salt, digest: [UInt8]
    var entry: Entry
  }

  private struct Patterned: Sendable {
    var pattern: HostPattern
    var entry: Entry
  }

  private var plain: [String: [Entry]] = [:]
  private var hashed: [Hashed] = []
  private var patterned: [Patterned] = []

  /// Adds the lines of a file.
  ///
  /// Lines that cannot be read are passed over, as OpenSSH does.
  mutating func add(_ bytes: [UInt8], file: String) {
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      add(line: String(decoding: line, as: UTF8.self), file: file, number: index + 1)
    }
  }

  private mutating func add(line: String, file: String, number: Int) {
    var fields = line.split { $0 == " " || $0 == "\t" || $0 == "\r" }[...]
    guard let first = fields.first, !first.hasPrefix("#") else { return }
    let isRevoked = first == "@revoked"
    let isAuthority = first == "@cert-authority"
    if first.hasPrefix("@") {
      guard isRevoked || isAuthority else { return }
      fields.removeFirst()
    }
    guard fields.count >= 3, let key = Base64.decode(fields[fields.startIndex + 2].utf8) else { return }
    let names = fields[fields.startIndex]
    let type = String(fields[fields.startIndex + 1])
    var entry = Entry(type: type, key: key, isRevoked: isRevoked, file: file, line: number)
    entry.isAuthority = isAuthority
    add(names, entry)
  }

  private mutating func add(_ names: Substring, _ entry: Entry) {
    if names.hasPrefix("|1|") {
      let parts = names.split(separator: "|")
      guard parts.count == 3, let salt = Base64.decode(parts[1].utf8), let digest = Base64.decode(parts[2].utf8)
      else { return }
      hashed.append(Hashed(salt: salt, digest: digest, entry: entry))
    } else if names.contains(where: { "*?!".contains($0) }) {
      patterned.append(Patterned(pattern: HostPattern(names), entry: entry))
    } else {
      for name in names.split(separator: ",") { plain[name.lowercased(), default: []].append(entry) }
    }
  }

  /// The entries for a server, written as known_hosts writes it: `host`, or `[host]:port`.
  func entries(for server: String) -> [Entry] {
    let name = server.lowercased()
    var entries = plain[name] ?? []
    entries += patterned.filter { $0.pattern.matches(name) }.map(\.entry)
    if !hashed.isEmpty {
      let bytes = Array(name.utf8)
      entries += hashed.filter { Digest.hmacSHA1(bytes, key: $0.salt) == $0.digest }.map(\.entry)
    }
    return entries
  }
}
