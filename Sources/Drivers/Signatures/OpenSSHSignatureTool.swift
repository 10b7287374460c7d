package import Approvals
package import Foundation
import Subprocess

/// Signs and checks with the `ssh-keygen -Y` of OpenSSH 8.9 or newer, so that keys of agents and tokens work too.
package struct OpenSSHSignatureTool: SignatureTool {
  /// Long enough for a finger on a security key.
  private static let patience = Duration.seconds(60)

  private let environment: [String: String]

  /// `environment` is that of this process: PATH, HOME and the agent's socket matter.
  package init(environment: [String: String]) {
    // Times on the command line are local ones; older versions know no other.
    self.environment = environment.merging(["TZ": "UTC", "LC_ALL": "C"]) { $1 }
  }

  package func sign(_ message: [UInt8], namespace: SignatureNamespace, key: String)
    async throws(SignatureError) -> String
  {
    let ending = try await run(["-Y", "sign", "-f", key, "-n", namespace.rawValue], input: message)
    let signature = String(decoding: ending.output, as: UTF8.self)
    guard ending.status == 0, signature.hasPrefix("-----BEGIN SSH SIGNATURE-----") else {
      throw .unusableKey(key: key, reason: OpenSSHSignatureTool.reason(ending))
    }
    return signature
  }

  package func verify(
    _ message: [UInt8],
    signature: String,
    namespace: SignatureNamespace,
    principal: String,
    signers: String,
    at time: Date
  ) async throws(SignatureError) -> String {
    try readable(signers)
    let ending = try await withFile(signature) { (file) async throws(SignatureError) in
      try await run(
        ["-Y", "verify", "-f", signers, "-I", principal, "-n", namespace.rawValue, "-s", file] + time.option,
        input: message
      )
    }
    let said = String(decoding: ending.output, as: UTF8.self)
    guard ending.status == 0, let line = said.split(separator: "\n").first(where: { $0.hasPrefix("Good ") }) else {
      throw .invalid(OpenSSHSignatureTool.reason(ending))
    }
    return line.split(separator: " ").last.map(String.init) ?? ""
  }

  package func principals(of signature: String, signers: String, at time: Date)
    async throws(SignatureError) -> [String]
  {
    try readable(signers)
    let ending = try await withFile(signature) { (file) async throws(SignatureError) in
      try await run(["-Y", "find-principals", "-f", signers, "-s", file] + time.option, input: [])
    }
    guard ending.status == 0 else { return [] }
    return String(decoding: ending.output, as: UTF8.self).split(whereSeparator: { $0 == "\n" || $0 == "," })
      .map(String.init)
  }

  private func run(_ arguments: [String], input: [UInt8]) async throws(SignatureError) -> Subprocess.Ending {
    var child = Subprocess(
      path: "/usr/bin/env",
      arguments: ["ssh-keygen"] + arguments,
      environment: environment
    )
    child.input = input
    child.timeout = OpenSSHSignatureTool.patience
    child.outputLimit = 64 << 10
    child.leavesTerminal = true
    let ending: Subprocess.Ending
    do {
      ending = try await child.run()
    } catch {
      throw .unavailable("ssh-keygen cannot be started: \(error.reason)")
    }
    if ending.timedOut { throw .unavailable("ssh-keygen did not finish within a minute") }
    if ending.cancelled { throw .unavailable("cancelled") }
    // env(1): 127 is a program that is not there.
    if ending.status == 127 { throw .unavailable("ssh-keygen is not on the PATH") }
    return ending
  }

  /// Its absence must never read as "nobody signed".
  private func readable(_ signers: String) throws(SignatureError) {
    guard FileManager.default.isReadableFile(atPath: signers) else {
      throw .unavailable("\(signers) cannot be read")
    }
  }

  /// Runs `body` with a file that holds `text`, readable by us alone and gone afterwards.
  private func withFile<Answer: Sendable>(
    _ text: String,
    _ body: (String) async throws(SignatureError) -> Answer
  ) async throws(SignatureError) -> Answer {
    let directory = environment["TMPDIR"] ?? "/tmp"
    let file = "\(directory)/opsh-signature-\(UUID().uuidString)"
    let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
    guard FileManager.default.createFile(atPath: file, contents: Data(text.utf8), attributes: attributes) else {
      throw .unavailable("\(file) cannot be written")
    }
    defer { try? FileManager.default.removeItem(atPath: file) }
    return try await body(file)
  }

  /// What the program said last, without its name and ours.
  private static func reason(_ ending: Subprocess.Ending) -> String {
    let said = String(decoding: ending.errorOutput.suffix(1000), as: UTF8.self)
    let lines = said.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
    let line = lines.last { !$0.isEmpty && !$0.hasPrefix("Signing data") }
    return line ?? "ssh-keygen ended with \(ending.status.map { "status \($0)" } ?? "a signal")"
  }
}

extension Date {
  /// The option that makes ssh-keygen judge the validity of keys at this time, in UTC by its TZ.
  fileprivate var option: [String] {
    let text = formatted(.iso8601).filter(\.isNumber)
    return ["-O", "verify-time=\(text)"]
  }
}
