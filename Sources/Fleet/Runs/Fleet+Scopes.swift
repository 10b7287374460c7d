package import PrimitiveKit
package import Site

extension Fleet {
  /// What a change of these hosts locks, in one order for everybody.
  package func scopes(for hosts: [Host]) -> [LockScope] {
    site?.scopes(for: hosts) ?? hosts.map(\.name).sorted().map { LockScope(path: ["host", $0]) }
  }

  /// Reads the scope of a runbook's lock: `fleet`, `host/NAME`, `environment/NAME[/system/NAME]` or `hosts:SELECTOR`.
  ///
  /// Throws `lock.scope`, and for a selector `site.missing` and what the selection throws.
  package func scopes(parsing text: String) throws(CallFailure) -> [LockScope] {
    let prefix = "hosts:"
    if text.hasPrefix(prefix) {
      let site = try requireSite(for: "a lock on hosts")
      return scopes(for: try selectHosts(HostSelector(stringLiteral: String(text.dropFirst(prefix.count))), in: site))
    }
    guard let scope = LockScope(text), isKnown(scope) else {
      throw CallFailure(
        .invalid,
        code: "lock.scope",
        message: "'\(text)' cannot be locked",
        hint: "fleet, host/web1, environment/demo, environment/demo/system/rocky, or hosts:@front"
      )
    }
    if scope.path.first == "host", let name = scope.path.last, let site, site.host(named: name) == nil {
      let near = NearestName.nearest(to: name, in: site.hosts.map(\.name))
      throw CallFailure(SelectionError.unknownNames(NameSet(names: [name]), selection: text, nearest: near))
    }
    return [scope]
  }

  private func isKnown(_ scope: LockScope) -> Bool {
    switch scope.path.first {
    case nil: true
    case "host": scope.path.count == 2
    case "environment": scope.path.count == 2 || scope.path.count == 4 && scope.path[2] == "system"
    default: false
    }
  }
}
