package import PrimitiveKit

extension CallFailure {
  /// A failed signature as an operator reads it; `code` says what was to be signed.
  package init(_ error: SignatureError, code: String) {
    switch error {
    case .invalid(let reason):
      self.init(.refused, code: code, message: "the signature does not hold: \(reason)")
    case .unusableKey(let key, let reason):
      self.init(
        .refused,
        code: code,
        message: "\(key) cannot sign: \(reason)",
        hint: "give another --key; one with a passphrase must be in the agent: ssh-add \(key)"
      )
    case .unavailable(let reason):
      self.init(
        .refused,
        code: code,
        message: "signatures cannot be made or checked: \(reason)",
        hint: "is OpenSSH's ssh-keygen installed, and the site's allowed_signers readable?"
      )
    }
  }
}
