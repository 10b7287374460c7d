package import PrimitiveKit

/// Why a private key file is of no use.
package enum KeyFileError: OperatorError, Equatable {
  case missing(path: String)
  case unreadable(path: String, reason: String, hint: String?)
  /// Others than the owner could read it.
  case tooOpen(path: String, mode: UInt32)
  case encrypted(path: String)
  case unsupported(path: String, reason: String)

  /// Without its key nothing is sent, and no host has a part in that.
  package var failureClass: FailureClass { .refused }
  package var mark: FailureMark? { .local }

  /// The stable code that scripts match on.
  package var code: String {
    switch self {
    case .missing: "key.missing"
    case .unreadable: "key.unreadable"
    case .tooOpen: "key.too_open"
    case .encrypted: "key.encrypted"
    case .unsupported: "key.unsupported"
    }
  }

  /// What is wrong, with which file.
  package var message: String {
    switch self {
    case .missing(let path): "the key file \(path) does not exist"
    case .unreadable(let path, let reason, _): "the key file \(path) cannot be read: \(reason)"
    case .tooOpen(let path, let mode):
      "the key file \(path) can be read by others (mode 0\(String(mode & 0o777, radix: 8)))"
    case .encrypted(let path): "the key file \(path) is protected by a passphrase"
    case .unsupported(let path, let reason): "the key file \(path) cannot be used: \(reason)"
    }
  }

  /// What the operator may try.
  package var hint: String? {
    switch self {
    case .missing: "create one with `ssh-keygen -t ed25519`"
    case .unreadable(_, _, let hint): hint
    case .tooOpen(let path, _): "chmod 600 \(path)"
    case .encrypted(let path): "load it into an agent: ssh-add \(path)"
    case .unsupported:
      "use an Ed25519, ECDSA or RSA key in OpenSSH's format; `ssh-keygen -p -f FILE` rewrites an old one"
    }
  }
}
