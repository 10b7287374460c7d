/// Whether what is held is enough to change something; no I/O.
package struct ScopeCover: Sendable {
  /// The scopes that cover one, itself among them: for `host/web1` also the environments it is in.
  private let above: @Sendable (LockScope) -> [LockScope]

  /// `above` names what covers a scope besides itself and the paths above it.
  package init(above: @escaping @Sendable (LockScope) -> [LockScope] = { _ in [] }) { self.above = above }

  /// Whether somebody who holds these may change what `scope` names.
  package func covers(_ scope: LockScope, by held: [LockScope]) -> Bool {
    let paths = ([scope] + above(scope)).flatMap { [$0.path] + $0.intents.map(\.path) }
    // What is only relied on takes no more than a shared lock.
    let modes: Set<LockScope.Mode> = scope.mode == .shared ? [.shared, .exclusive] : [.exclusive]
    return held.contains { modes.contains($0.mode) && paths.contains($0.path) }
  }

  /// Those of the scopes that are not covered.
  package func missing(_ scopes: [LockScope], from held: [LockScope]) -> [LockScope] {
    scopes.filter { !covers($0, by: held) }
  }
}
