package import PrimitiveKit

/// How runs of a site are kept, locked, approved and announced.
package struct SiteRunSettings: Sendable, Equatable {
  /// The path of an SQLite file or a `postgres://` URL; nil for one file a site in the state directory.
  package var journal: String?
  /// Whether the file may lie on a network file system, where only one machine may use it.
  package var allowsNetworkJournal = false
  /// The path of a file in the format of `allowed_signers` (ssh-keygen(1)); nil when nobody's signature is known.
  package var allowedSigners: String?
  package var approvals: Approvals
  package var runbooks = Runbooks()
  /// What dry runs take where the command line says nothing.
  package var dryRun = SiteDryRun()
  /// A program and its arguments that are told of unanswered questions; empty for none.
  package var notify: [String] = []
  /// How long a run waits for a lock of another; zero refuses at once.
  package var lockWait: Duration = .zero
  /// How long a lock outlives a holder that renews it no more.
  package var lease: Duration = .seconds(60)

  /// Which changes need the approval of a second operator.
  package struct Approvals: Sendable, Equatable {
    package var effects: Set<Effect>
    package var speeds: Set<String>
    /// Names of runbooks.
    package var runbooks: Set<String>
    /// Whether everything that changes something needs one.
    package var all: Bool

    /// What needs one on a site that has `allowed_signers` and says nothing else.
    package static let standard = Approvals(effects: [.trades, .administers], speeds: ["immediate"])

    package init(
      effects: Set<Effect> = [],
      speeds: Set<String> = [],
      runbooks: Set<String> = [],
      all: Bool = false
    ) {
      self.effects = effects
      self.speeds = speeds
      self.runbooks = runbooks
      self.all = all
    }
  }

  /// Where runbooks are and whether they must be signed.
  package struct Runbooks: Sendable, Equatable {
    /// Paths; empty for opsh's own choice.
    package var folders: [String]
    /// Whether only runbooks run that a principal of `allowed_signers` signed.
    package var signed: Bool

    package init(folders: [String] = [], signed: Bool = false) {
      self.folders = folders
      self.signed = signed
    }
  }
}
