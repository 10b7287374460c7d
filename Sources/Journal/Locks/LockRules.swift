import PrimitiveKit

/// What locks mean to each other; no I/O.
enum LockRules {
  /// The scopes with the intents above them, each path once, in order of path.
  static func complete(_ scopes: [LockScope]) -> [LockScope] {
    var modes: [[String]: LockScope.Mode] = [:]
    for scope in scopes.flatMap({ [$0] + $0.intents }) {
      modes[scope.path] = modes[scope.path].map { join($0, scope.mode) } ?? scope.mode
    }
    return modes.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { LockScope(path: $0.key, mode: $0.value) }
  }

  /// The weakest mode that permits what both permit together.
  static func join(_ left: LockScope.Mode, _ right: LockScope.Mode) -> LockScope.Mode {
    if left == right { return left }
    switch (left, right) {
    case (.intentShared, let other), (let other, .intentShared): return other
    // To rely on all and to change a part: nothing weaker keeps the others out.
    default: return .exclusive
    }
  }

  /// The first of the wanted scopes that a lease excludes; nil when both can be held at once.
  static func clash(of lease: Lease, with wanted: [LockScope]) -> LockScope? {
    let held = Dictionary(lease.scopes.map { ($0.path, $0.mode) }, uniquingKeysWith: join)
    return wanted.first { scope in held[scope.path].map { !$0.permits(scope.mode) } ?? false }
  }
}
