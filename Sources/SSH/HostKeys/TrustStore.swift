/// The known_hosts files, read once and again when they change.
struct TrustStore {
  private let files: [String]
  private var versions: [FileContent.Version?] = []
  private var hosts = KnownHosts()
  // A hashed name costs one HMAC per entry, so an answer is kept.
  private var found: [String: [KnownHosts.Entry]] = [:]

  init(files: [String]) { self.files = files }

  /// What the files say about an endpoint; a missing file counts as empty.
  mutating func trust(for endpoint: SSHEndpoint) -> HostTrust {
    let present = files.map(FileContent.version(of:))
    if versions != present {
      versions = present
      hosts = KnownHosts()
      found = [:]
      for file in files {
        if case .success(let content) = FileContent.read(file) { hosts.add(content.bytes, file: file) }
      }
    }
    let server = endpoint.server
    let entries = found[server] ?? hosts.entries(for: server)
    found[server] = entries
    return HostTrust(entries: entries, files: files)
  }
}
