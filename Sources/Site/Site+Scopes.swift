package import PrimitiveKit

extension Site {
  /// What a change of these hosts locks, in one order for everybody.
  ///
  /// The whole site is the fleet itself. Else each host, and an intent on the environment of each group it is in, by its
  /// own word or the site's: a lock on an environment then excludes changes of its hosts.
  package func scopes(for changed: [Host]) -> [LockScope] {
    let names = Set(changed.map(\.name))
    if names.isSuperset(of: hosts.map(\.name)) { return [LockScope(path: [])] }
    var found = Set(changed.flatMap(\.groups))
    for group in groups.keys.sorted() where !found.contains(group) {
      let members = (try? Selection.hosts("@\(group)", in: self)) ?? []
      if members.contains(where: { names.contains($0.name) }) { found.insert(group) }
    }
    return found.sorted().map { LockScope(path: ["environment", $0], mode: .intentExclusive) }
      + names.sorted().map { LockScope(path: ["host", $0]) }
  }
}
