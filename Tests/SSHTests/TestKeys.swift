import Foundation

/// Throw-away keys, made once for all tests.
struct TestKeys: Sendable {
  static let shared: TestKeys = {
    do { return try TestKeys() } catch { preconditionFailure("no test keys: \(error)") }
  }()

  let folder: String
  var ed25519: String { "\(folder)/ed25519" }
  var ecdsa: String { "\(folder)/ecdsa" }
  var ecdsa384: String { "\(folder)/ecdsa384" }
  var rsa: String { "\(folder)/rsa" }
  var encrypted: String { "\(folder)/encrypted" }
  /// A key that no server knows.
  var stranger: String { "\(folder)/stranger" }
  var hostKey: String { "\(folder)/host_ed25519" }
  var otherHostKey: String { "\(folder)/host_other" }
  var ecdsaHostKey: String { "\(folder)/host_ecdsa" }

  private init() throws {
    folder = try Scratch.folder("keys")
    for (name, type, bits, phrase) in [
      ("ed25519", "ed25519", "256", ""), ("ecdsa", "ecdsa", "256", ""), ("ecdsa384", "ecdsa", "384", ""),
      ("rsa", "rsa", "2048", ""), ("encrypted", "ed25519", "256", "secret"), ("stranger", "ed25519", "256", ""),
      ("host_ed25519", "ed25519", "256", ""), ("host_other", "ed25519", "256", ""), ("host_ecdsa", "ecdsa", "256", ""),
    ] {
      try Scratch.run(
        "/usr/bin/ssh-keygen",
        "-q",
        "-t",
        type,
        "-b",
        bits,
        "-N",
        phrase,
        "-f",
        "\(folder)/\(name)",
        "-C",
        name
      )
    }
    let known = try ["ed25519", "ecdsa", "ecdsa384", "rsa", "encrypted"].map { try Self.publicKey("\(folder)/\($0)") }
    try known.joined(separator: "\n").write(toFile: "\(folder)/authorized_keys", atomically: true, encoding: .utf8)
  }

  /// Type and key of a public key file, without the comment.
  static func publicKey(_ path: String) throws -> String {
    let text = try String(contentsOfFile: "\(path).pub", encoding: .utf8)
    return text.split(separator: " ").prefix(2).joined(separator: " ")
  }
}
