package import PrimitiveKit
import Rollout

/// What a site says of second operators: whose signatures count, and which changes need one.
package struct ApprovalSettings: SiteSection {
  package static let keys: [DataKey] = [
    DataKey("allowed_signers", "The public keys of the operators"),
    DataKey("approvals", "Which changes need the approval of a second operator"),
  ]

  /// The path of a file in the format of `allowed_signers` (ssh-keygen(1)); nil when nobody's signature is known.
  package var allowedSigners: String?
  package var approvals = Approvals()

  /// Which changes need the approval of a second operator.
  package struct Approvals: Sendable, Equatable {
    package var effects: Set<Effect>
    package var speeds: Set<String>
    /// Names of runbooks.
    package var runbooks: Set<String>
    /// What is changed only with one: `fleet` for every host at once, `environment/live` for anything in it.
    package var scopes: [LockScope]
    /// Whether everything that changes something needs one.
    package var all: Bool

    /// What needs one on a site that sets `allowed_signers` and no policy.
    package static let standard = Approvals(effects: [.trades, .administers], speeds: ["immediate"])

    package init(
      effects: Set<Effect> = [],
      speeds: Set<String> = [],
      runbooks: Set<String> = [],
      scopes: [LockScope] = [],
      all: Bool = false
    ) {
      self.effects = effects
      self.speeds = speeds
      self.runbooks = runbooks
      self.scopes = scopes
      self.all = all
    }
  }

  package init() {}

  package init(reading file: DataField, in site: any SiteNames) throws(DataError) {
    allowedSigners = try file.optional("allowed_signers")?.string("the path of an allowed_signers file")
    // Without signers no approval can be checked, so none is asked for unless the site says so.
    if allowedSigners != nil { approvals = .standard }
    guard let field = file.optional("approvals") else { return }
    // A key that is not there keeps its standard: who adds a runbook does not mean to let `trades` go.
    approvals = .standard
    try field.allow(["all", "effects", "runbooks", "scopes", "speeds"])
    if let list = field.optional("effects") { approvals.effects = try ApprovalSettings.effects(list) }
    if let list = field.optional("speeds") {
      approvals.speeds = Set(try list.words("speeds", from: SpeedTable.names))
    }
    approvals.runbooks = Set(try field.optional("runbooks")?.texts("a list of names of runbooks") ?? [])
    for text in try field.optional("scopes")?.texts("a list of scopes") ?? [] {
      guard let scope = LockScope(text) else {
        throw field.wrong("scopes such as \"environment/live\"", hint: "'\(text)' is not a scope")
      }
      approvals.scopes.append(scope)
    }
    approvals.all = try field.optional("all")?.bool() ?? false
  }

  private static func effects(_ field: DataField) throws(DataError) -> Set<Effect> {
    let known = Effect.allCases.filter { $0 != .reads }.map(\.rawValue)
    return Set(try field.words("effects", from: known).compactMap(Effect.init(rawValue:)))
  }
}

extension Domain {
  /// Second operators.
  package static var approvals: Domain {
    var domain = Domain("approvals")
    domain.siteSections = [ApprovalSettings.self]
    return domain
  }
}
