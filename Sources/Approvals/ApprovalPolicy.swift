package import PrimitiveKit

/// Which changes of a site need the word of a second operator.
package struct ApprovalPolicy: Sendable, Equatable {
  /// The `allowed_signers` file; nil when the site has none: then no approval can be checked.
  package var signers: String?
  package var effects: Set<Effect>
  package var speeds: Set<String>
  /// Names of runbooks.
  package var runbooks: Set<String>
  /// What nobody changes without one: a change of it, of a part of it, or of something it is a part of.
  ///
  /// The fleet is a change of every host; whatever is less is not.
  package var scopes: [LockScope]
  /// Whether everything that changes something needs one.
  package var all: Bool

  package init(
    signers: String?,
    effects: Set<Effect> = [],
    speeds: Set<String> = [],
    runbooks: Set<String> = [],
    scopes: [LockScope] = [],
    all: Bool = false
  ) {
    self.signers = signers
    self.effects = effects
    self.speeds = speeds
    self.runbooks = runbooks
    self.scopes = scopes
    self.all = all
  }

  /// Why a change needs an approval, for a sentence; nil when it needs none.
  package func reason(for request: ApprovalRequest) -> String? {
    if let speed = request.speeds.intersection(speeds).min() { return "the speed '\(speed)'" }
    if let effect = Effect.allCases.reversed().first(where: { request.effects.contains($0) && effects.contains($0) }) {
      return "the effect '\(effect.rawValue)'"
    }
    if runbooks.contains(request.name) { return "'\(request.name)'" }
    if let scope = scope(of: request.scopes) { return "a change of \(scope)" }
    if all, !request.effects.isSubset(of: [.reads]) { return "every change of the site '\(request.site)'" }
    return nil
  }

  /// The first scope of the policy that a change of these touches; nil when it touches none.
  package func scope(of changed: [LockScope]) -> LockScope? {
    scopes.first { scope in
      changed.contains { change in
        if scope.path.isEmpty || change.path.isEmpty {
          return change.path.isEmpty && [.exclusive, .shared].contains(change.mode)
        }
        if change.path.starts(with: scope.path) { return true }
        return scope.path.starts(with: change.path) && [.exclusive, .shared].contains(change.mode)
      }
    }
  }

  /// Refuses what a run does beyond the plan that it was admitted with, where that needs an approval.
  package func refusal(beyond scopes: [LockScope]) -> CallFailure? {
    guard let scope = scope(of: scopes) else { return nil }
    return CallFailure(
      .refused,
      code: "approval.missing",
      message: "a change of \(scope) needs an approval by another operator, and the plan of this run did not name it",
      hint: "plan it again; its targets must not depend on anything a plan cannot know"
    )
  }

  /// Whether two names mean one person: they are the same up to case and what follows an `@`.
  ///
  /// Principals of `allowed_signers` are often mail addresses while operators are login names.
  static func isOnePerson(_ one: String, _ other: String) -> Bool {
    func login(_ name: String) -> String { name.lowercased().split(separator: "@").first.map(String.init) ?? "" }
    return login(one) == login(other)
  }
}
