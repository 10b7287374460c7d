/// The known_hosts files, read once and again when they change.
struct TrustStore {
  private let files: [String]
  private var versions: [FileContent.Version?] = []
  private var hosts = KnownHosts()

  init(files: [String]) { self.files = files }

  /// What the files say about an endpoint; a file that is not there says nothing.
  mutating func trust(for endpoint: SSHEndpoint) -> HostTrust {
    let present = files.map(FileContent.version(of:))
    if versions != present {
      versions = present
      hosts = KnownHosts()
      for file in files {
        if case .success(let content) = FileContent.read(file) { hosts.add(content.bytes, file: file) }
      }
    }
    return HostTrust(entries: hosts.entries(for: endpoint.server), files: files)
  }
}
