package import Foundation

/// Signs texts with SSH keys and checks such signatures.
package protocol SignatureTool: Sendable {
  /// Signs a text with a private key, or with the key of an agent whose public half is at `key`.
  ///
  /// Answers the armored signature. Throws `unusableKey` and `unavailable`.
  func sign(_ message: [UInt8], namespace: SignatureNamespace, key: String) async throws(SignatureError) -> String

  /// Checks that a principal of `signers` signed a text; `time` is when the key must be valid.
  ///
  /// Answers the fingerprint of the key. Throws `invalid` and `unavailable`.
  func verify(
    _ message: [UInt8],
    signature: String,
    namespace: SignatureNamespace,
    principal: String,
    signers: String,
    at time: Date
  ) async throws(SignatureError) -> String

  /// The principals that `signers`, a file, lists for the key of a signature; empty for none.
  ///
  /// Does not look at what was signed. Throws `unavailable`.
  func principals(of signature: String, signers: String, at time: Date) async throws(SignatureError) -> [String]
}

/// What a signature is for: one made for one purpose does not hold for another.
package enum SignatureNamespace: String, Sendable, CaseIterable {
  case approval = "opsh-approval@opsh"
  case runbook = "opsh-runbook@opsh"
  case plugin = "opsh-plugin@opsh"
}

/// Why a signature could not be made, or does not hold.
package enum SignatureError: Error, Sendable, Equatable {
  /// It does not hold; the reason in the tool's words.
  case invalid(String)
  /// The key cannot sign.
  case unusableKey(key: String, reason: String)
  /// The tool could not be asked.
  case unavailable(String)
}
