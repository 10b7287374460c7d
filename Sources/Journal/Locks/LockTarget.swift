package import PrimitiveKit

/// Which locks to break.
package enum LockTarget: Sendable, CustomStringConvertible {
  /// Those on exactly this path, whatever their mode.
  case path(LockScope)
  case claim(String)

  package var description: String {
    switch self {
    case .path(let scope): "\(scope)"
    case .claim(let claim): claim
    }
  }

  func matches(_ lease: Lease) -> Bool {
    switch self {
    case .path(let scope): lease.ownScopes.contains { $0.path == scope.path }
    case .claim(let claim): lease.claim == claim
    }
  }
}
