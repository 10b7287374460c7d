/// A kind of scope that can be locked, such as `database/D`.
package struct LockKind: Sendable, Equatable {
  /// The words before each name of the path: `["environment", "system"]` is `environment/E/system/S`.
  package let words: [String]

  package init(_ words: String...) { self.words = words }

  /// The path with a letter for each name: `environment/E/system/S`.
  package var name: String { words.map { "\($0)/\($0.prefix(1).uppercased())" }.joined(separator: "/") }

  fileprivate func matches(_ scope: LockScope) -> Bool {
    scope.path.count == words.count * 2 && zip(words.indices, words).allSatisfy { scope.path[$0 * 2] == $1 }
  }
}

/// The kinds of scope that can be locked, beside `fleet`.
package struct LockKinds: Sendable, Equatable {
  package let kinds: [LockKind]

  package init(_ kinds: [LockKind]) { self.kinds = kinds }

  /// Those of DESIGN section 6.
  package static let standard = LockKinds([
    LockKind("host"), LockKind("environment"), LockKind("environment", "system"), LockKind("system"),
    LockKind("database"), LockKind("endpoint"),
  ])

  /// Throws `lock.scope` for a scope that is of no kind; the hint names the nearest, or all.
  package func check(_ scope: LockScope) throws(CallFailure) {
    guard !scope.path.isEmpty, !kinds.contains(where: { $0.matches(scope) }) else { return }
    let names = ["fleet"] + kinds.map(\.name)
    let near = scope.path.first.flatMap { NearestName.question(for: $0, in: Set(kinds.flatMap(\.words)).sorted()) }
    throw CallFailure(
      .invalid,
      code: "lock.scope",
      message: "'\(scope)' cannot be locked",
      hint: [near, "scopes: \(names.joined(separator: ", "))"].compactMap(\.self).joined(separator: " ")
    )
  }
}
