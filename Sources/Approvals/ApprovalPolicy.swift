package import PrimitiveKit

/// Which changes of a site need the word of a second operator.
package struct ApprovalPolicy: Sendable, Equatable {
  /// The `allowed_signers` file; nil when the site has none: then no approval can be checked.
  package var signers: String?
  package var effects: Set<Effect>
  package var speeds: Set<String>
  /// Names of runbooks.
  package var runbooks: Set<String>
  /// Whether everything that changes something needs one.
  package var all: Bool

  package init(
    signers: String?,
    effects: Set<Effect> = [],
    speeds: Set<String> = [],
    runbooks: Set<String> = [],
    all: Bool = false
  ) {
    self.signers = signers
    self.effects = effects
    self.speeds = speeds
    self.runbooks = runbooks
    self.all = all
  }

  /// Why a change needs an approval, for a sentence; nil when it needs none.
  package func reason(for request: ApprovalRequest) -> String? {
    if let speed = request.speeds.intersection(speeds).min() { return "the speed '\(speed)'" }
    if let effect = Effect.allCases.reversed().first(where: { request.effects.contains($0) && effects.contains($0) }) {
      return "the effect '\(effect.rawValue)'"
    }
    if runbooks.contains(request.name) { return "'\(request.name)'" }
    if all, !request.effects.isSubset(of: [.reads]) { return "every change of the site '\(request.site)'" }
    return nil
  }

  /// Whether two names mean one person: they are the same up to case and what follows an `@`.
  ///
  /// Principals of `allowed_signers` are often mail addresses while operators are login names.
  static func isOnePerson(_ one: String, _ other: String) -> Bool {
    func login(_ name: String) -> String { name.lowercased().split(separator: "@").first.map(String.init) ?? "" }
    return login(one) == login(other)
  }
}
