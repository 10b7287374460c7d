package import PrimitiveKit

extension Domain {
  /// Second operators.
  package static var approvals: Domain {
    var domain = Domain("approvals")
    domain.siteSections = [ApprovalSettings.self]
    return domain
  }
}
