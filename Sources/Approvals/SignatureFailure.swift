package import PrimitiveKit

extension CallFailure {
  /// A failed signature as an operator reads it; `code` says what was to be signed.
  package init(_ error: SignatureError, code: String) {
    switch error {
    case .invalid(let reason):
      self.init(.refused, code: code, message: "the signature is not valid: \(reason)")
    case .unusableKey(let key, let reason):
      self.init(
        .refused,
        code: code,
        message: "\(key) cannot sign: \(reason)",
        hint: "give another --key; load a key with a passphrase into the agent: ssh-add \(key)"
      )
    case .unavailable(let reason):
      self.init(
        .refused,
        code: code,
        message: "signatures cannot be made or checked: \(reason)",
        hint: "check that OpenSSH's ssh-keygen is installed and the site's allowed_signers readable"
      )
    }
  }
}
