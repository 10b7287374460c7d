import Foundations
import Glibc

/// The known_hosts files, read once and again when they change.
struct TrustStore {
  private let files: [String]
  private var versions: [FileContent.Version?] = []
  private var hosts = KnownHosts()
  // A hashed name costs one HMAC per entry, so an answer is kept.
  private var found: [String: [KnownHosts.Entry]] = [:]

  init(files: [String]) { self.files = files }

  /// What the files say about an endpoint; a missing file counts as empty.
  ///
  /// Throws `ssh.known_hosts` for one that is there and cannot be read: what it trusts must not look unknown.
  mutating func trust(for endpoint: SSHEndpoint) throws(SSHError) -> HostTrust {
    let present = files.map(FileContent.version(of:))
    if versions != present {
      versions = []
      hosts = KnownHosts()
      found = [:]
      for file in files {
        switch FileContent.read(file) {
        case .success(let content): hosts.add(content.bytes, file: file)
        case .failure(let failure) where failure.code == ENOENT || failure.code == ENOTDIR: break
        case .failure(let failure):
          let fault = LocalFault(failure.code)
          let reason = fault?.reason ?? describe(errno: failure.code)
          throw .knownHostsUnreadable(endpoint, file: file, reason: reason, hint: fault?.hint)
        }
      }
      versions = present
    }
    let server = endpoint.server
    let entries = found[server] ?? hosts.entries(for: server)
    found[server] = entries
    return HostTrust(entries: entries, files: files)
  }
}
