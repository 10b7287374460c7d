package import Foundation
package import PrimitiveKit

/// Signatures of runbooks: `FILE.lua.sig` beside `FILE.lua`, over the bytes of the file; and of plugins, `ID.sig` beside
/// the folder, over the digests of all files in it.
package struct RunbookSignature: Sendable {
  private let tool: any SignatureTool
  /// The `allowed_signers` file; nil when the site has none.
  private let signers: String?
  private let now: @Sendable () -> Date
  private let namespace: SignatureNamespace

  package init(
    tool: any SignatureTool,
    signers: String?,
    for namespace: SignatureNamespace = .runbook,
    now: @escaping @Sendable () -> Date
  ) {
    self.tool = tool
    self.namespace = namespace
    self.signers = signers
    self.now = now
  }

  private var code: String { namespace == .plugin ? "plugin.signature" : "runbook.signature" }

  /// Where the signature of a file stands.
  package static func path(of file: String) -> String { "\(file).sig" }

  /// Signs the bytes of a runbook, or what stands for a plugin.
  ///
  /// Answers the text for `path(of:)`. Throws `runbook.signature` or `plugin.signature` when the key cannot sign, or, on
  /// a site with `allowed_signers`, when nobody there has that key.
  package func sign(_ bytes: [UInt8], file: String, key: String) async throws(CallFailure) -> String {
    let signature = try await asking { () async throws(SignatureError) in
      try await tool.sign(bytes, namespace: namespace, key: key)
    }
    if signers != nil { _ = try await check(bytes, file: file, signature: signature) }
    return signature
  }

  /// Checks the signature of a runbook or a plugin.
  ///
  /// `signature` is the text of the file beside it, nil when there is no such file. Answers the principal who signed. Throws `runbook.signature` or `plugin.signature`.
  package func check(_ bytes: [UInt8], file: String, signature: String?) async throws(CallFailure) -> String {
    func failure(_ message: String, _ hint: String) -> CallFailure {
      CallFailure(.refused, code: code, message: message, hint: hint)
    }
    guard let signers else {
      throw failure(
        "\(file) must be signed, and this site cannot check signatures",
        "set `allowed_signers` in the site; see docs/site.md"
      )
    }
    guard let signature else {
      throw failure(
        "\(file) is not signed: no \(RunbookSignature.path(of: file)) found",
        "sign it with: opsh sign \(file)"
      )
    }
    let principals = try await asking { () async throws(SignatureError) in
      try await tool.principals(of: signature, signers: signers, at: now())
    }
    guard !principals.isEmpty else {
      throw failure(
        "\(file) is signed with a key that \(signers) does not list, or lists for other dates",
        "ask somebody listed there to sign it: opsh sign \(file)"
      )
    }
    var reason = ""
    for principal in principals {
      do throws(SignatureError) {
        _ = try await tool.verify(
          bytes,
          signature: signature,
          namespace: namespace,
          principal: principal,
          signers: signers,
          at: now()
        )
        return principal
      } catch {
        guard case .invalid(let why) = error else { throw CallFailure(error, code: code) }
        reason = why
      }
    }
    throw failure(
      "the signature of \(file) is not valid: \(reason)",
      "if it was edited after signing, review the change and sign it again: opsh sign \(file)"
    )
  }

  private func asking<Answer>(_ body: () async throws(SignatureError) -> Answer) async throws(CallFailure) -> Answer {
    do throws(SignatureError) {
      return try await body()
    } catch {
      throw CallFailure(error, code: code)
    }
  }
}
