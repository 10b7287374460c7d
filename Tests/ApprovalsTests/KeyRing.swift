import Approvals
import Drivers
import Foundation
import Subprocess

/// Keys made by ssh-keygen in a directory of their own, which goes with the ring.
final class KeyRing: Sendable {
  let directory: String
  var signers: String { "\(directory)/allowed_signers" }
  var tool: OpenSSHSignatureTool { OpenSSHSignatureTool(environment: ProcessInfo.processInfo.environment) }

  init() throws {
    directory = NSTemporaryDirectory() + "opsh-keys-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: directory,
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700]
    )
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// Makes a key; answers its path.
  @discardableResult
  func key(_ name: String, type: String = "ed25519", passphrase: String = "") async throws -> String {
    let path = "\(directory)/\(name)"
    _ = try await run("/usr/bin/env", ["ssh-keygen", "-q", "-t", type, "-N", passphrase, "-C", name, "-f", path])
    return path
  }

  /// The public half of a key, as a line.
  func publicKey(_ name: String) throws -> String {
    try String(contentsOfFile: "\(directory)/\(name).pub", encoding: .utf8).trimmingCharacters(in: .newlines)
  }

  /// Writes the list: principals, options, and the name of the key.
  func allow(_ lines: (principals: String, options: String, key: String)...) throws {
    let text = try lines.map { "\($0.principals) \($0.options) \(try publicKey($0.key))\n" }.joined()
    try text.write(toFile: signers, atomically: true, encoding: .utf8)
  }

  @discardableResult
  func run(_ path: String, _ arguments: [String], environment: [String: String]? = nil) async throws
    -> Subprocess.Ending
  {
    var child = Subprocess(path: path, arguments: arguments, environment: environment)
    child.timeout = .seconds(30)
    return try await child.run()
  }
}
