import HostScript
import PrimitiveKit

extension PutFile {
  /// Whether a digest of its content must tell nothing to whoever lacks the key.
  var isPrivate: Bool { digest.hasPrefix(DigestKey.prefix) }

  /// Whether what lies there is what it puts there.
  func isSame(_ found: HostFile, in world: World) async throws(CallFailure) -> Bool {
    guard let there = found.digest else { return false }
    return isPrivate ? try await world.service(Secrets.self).key().keyed(there) == digest : there == digest
  }

  /// The digest of what lies there, as a plan and a journal hold it; nil where nobody may know it.
  func kept(_ found: HostFile, in world: World) async throws(CallFailure) -> String? {
    guard let there = found.digest, isPrivate || found.isPrivate, there != digest else { return found.digest }
    return try await world.service(Secrets.self).key().keyed(there)
  }

  /// What a recording keeps of a look: the digest of what only its owner may read is keyed, or left out without a key.
  static func concealing(with key: DigestKey?, always: Bool) -> @Sendable ([UInt8]) -> [UInt8] {
    { output in
      let lines = String(decoding: output, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      let kept = lines.map { text -> String in
        guard let line = try? HostLine(parsing: String(text)), let file = try? HostFile(line), let digest = file.digest,
          always || file.isPrivate
        else { return String(text) }
        return String(text).replacing("sha256=\(digest)", with: "sha256=\(key?.keyed(digest) ?? "")")
      }
      return Array(kept.joined(separator: "\n").utf8)
    }
  }
}

extension HostFile {
  fileprivate var isPrivate: Bool { mode.map { $0 & 0o077 == 0 } ?? false }
}
