package import PrimitiveKit

/// What runs need to know of the site.
package struct SiteView: Sendable {
  package var name: String
  /// The hosts that a selector names; throws what is wrong with it.
  package var hosts: @Sendable (_ selector: String) throws(CallFailure) -> [String]
  /// What a lock on hosts takes.
  package var scopes: @Sendable (_ hosts: [String]) -> [LockScope]
  /// How scopes cover each other.
  package var locking: SiteScopes {
    SiteScopes(
      all: { [hosts] in (try? hosts("*")) ?? [] },
      ofSystem: { [hostsOfSystem] in (try? hostsOfSystem($0)) ?? [] },
      scopes
    )
  }
  /// The hosts of a system; throws `system.unknown`.
  package var hostsOfSystem: @Sendable (_ name: String) throws(CallFailure) -> [String]

  package init(
    name: String,
    hosts: @escaping @Sendable (_ selector: String) throws(CallFailure) -> [String],
    scopes: @escaping @Sendable (_ hosts: [String]) -> [LockScope],
    hostsOfSystem: @escaping @Sendable (_ name: String) throws(CallFailure) -> [String] = { _ in [] }
  ) {
    self.name = name
    self.hosts = hosts
    self.scopes = scopes
    self.hostsOfSystem = hostsOfSystem
  }
}
