import EventLoop

/// The keys to log in with; each file is read and parsed once, and again when it has changed.
struct KeyRing {
  private struct Cached {
    var version: FileContent.Version?
    var key: PrivateKeyFile
  }

  private let paths: [String]
  private var cache: [String: Cached] = [:]

  init(paths: [String]) { self.paths = paths }

  /// The keys of the files, as they are now.
  mutating func keys() throws(KeyFileError) -> [PrivateKeyFile] {
    var keys: [PrivateKeyFile] = []
    for path in paths {
      let version = FileContent.version(of: path)
      if let cached = cache[path], version != nil, cached.version == version {
        keys.append(cached.key)
      } else {
        let key = try PrivateKeyFile(path: path)
        cache[path] = Cached(version: version, key: key)
        keys.append(key)
      }
    }
    return keys
  }

  /// Joins the files with what the agent holds: an encrypted file is signed for by the agent.
  static func credentials(
    _ files: [PrivateKeyFile],
    agent: SSHAgent?,
    holding agentKeys: [(publicKey: [UInt8], comment: String)]
  ) throws(KeyFileError) -> [Credential] {
    var credentials: [Credential] = []
    for file in files {
      if let key = file.key {
        let signer = Credential.Signer.key(key, file.type)
        credentials.append(Credential(name: file.path, publicKey: file.publicKey, type: file.type, signer: signer))
      } else if !agentKeys.contains(where: { $0.publicKey == file.publicKey }) {
        throw .encrypted(path: file.path)
      }
    }
    guard let agent else { return credentials }
    let known = Set(files.filter { $0.key != nil }.map(\.publicKey))
    for held in agentKeys where !known.contains(held.publicKey) {
      guard let type = KeyType(publicKey: held.publicKey) else { continue }
      let signer = Credential.Signer.agent(agent, key: held.publicKey, type)
      let name = "the agent's \(held.comment)"
      credentials.append(Credential(name: name, publicKey: held.publicKey, type: type, signer: signer))
    }
    return credentials
  }
}
