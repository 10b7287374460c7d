/// A kind of scope that can be locked, such as `database/D`.
package struct LockKind: Sendable {
  /// The words before each name of the path: `["environment", "system"]` is `environment/E/system/S`.
  package let words: [String]
  /// The names that can stand after the first word; nil where they are unknown.
  fileprivate let names: (@Sendable (Surroundings) -> [String]?)?
  fileprivate var known: [String]?

  package init(_ words: String..., names: (@Sendable (Surroundings) -> [String]?)? = nil) {
    self.words = words
    self.names = names
  }

  /// The path with a letter for each name: `environment/E/system/S`.
  package var name: String { words.map { "\($0)/\($0.prefix(1).uppercased())" }.joined(separator: "/") }

  fileprivate func matches(_ scope: LockScope) -> Bool {
    scope.path.count == words.count * 2 && zip(words.indices, words).allSatisfy { scope.path[$0 * 2] == $1 }
  }
}

/// The kinds of scope that can be locked, beside `fleet`.
package struct LockKinds: Sendable {
  package let kinds: [LockKind]

  package init(_ kinds: [LockKind]) { self.kinds = kinds }

  /// Those of DESIGN section 6.
  package static let standard = LockKinds([
    LockKind("host"), LockKind("environment"), LockKind("environment", "system"), LockKind("system"),
    LockKind("database"), LockKind("endpoint"),
  ])

  /// The same kinds, knowing the names that these surroundings have.
  package func known(in surroundings: Surroundings) -> LockKinds {
    LockKinds(
      kinds.map { kind in
        var kind = kind
        kind.known = kind.names?(surroundings)
        return kind
      }
    )
  }

  /// Throws `lock.scope` for a scope that is of no kind, or that names nothing there is; the hint names the nearest, or all.
  package func check(_ scope: LockScope) throws(CallFailure) {
    guard !scope.path.isEmpty else { return }
    guard let kind = kinds.first(where: { $0.matches(scope) }) else {
      let names = ["fleet"] + kinds.map(\.name)
      let near = scope.path.first.flatMap { NearestName.question(for: $0, in: Set(kinds.flatMap(\.words)).sorted()) }
      throw LockKinds.failure(
        "'\(scope)' cannot be locked",
        hint: [near, "scopes: \(names.joined(separator: ", "))"].compactMap(\.self).joined(separator: " ")
      )
    }
    let (word, name) = (scope.path[0], scope.path[1])
    guard let known = kind.known, !known.contains(name) else { return }
    let near = NearestName.question(for: name, in: known)
    throw LockKinds.failure(
      "no \(word) is called '\(name)'",
      hint: near ?? (known.isEmpty ? "the site has no \(word)s" : "known: \(NameSet(names: known).folded)")
    )
  }

  private static func failure(_ message: String, hint: String) -> CallFailure {
    CallFailure(.invalid, code: "lock.scope", message: message, hint: hint)
  }
}
