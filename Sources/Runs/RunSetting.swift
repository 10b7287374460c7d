package import Journal
package import PrimitiveKit

/// What everybody works with who begins runs or looks into the journal; put together by opsh.
package struct RunSetting: Sendable {
  package var registry: RegistryOpener
  package var world: World
  package var dialogue: any Dialogue
  package var options: SessionOptions
  package var interrupts: RunbookInterrupts
  package var site: SiteView
  /// The kinds of scope that can be locked.
  package var lockKinds: LockKinds
  /// Is told of questions that nobody answers.
  package var notify: @Sendable (QuestionNotice) async -> Void

  package init(
    registry: RegistryOpener,
    world: World,
    dialogue: any Dialogue,
    options: SessionOptions,
    interrupts: RunbookInterrupts,
    site: SiteView,
    lockKinds: LockKinds = .standard,
    notify: @escaping @Sendable (QuestionNotice) async -> Void = { _ in }
  ) {
    self.registry = registry
    self.world = world
    self.dialogue = dialogue
    self.options = options
    self.interrupts = interrupts
    self.site = site
    self.lockKinds = lockKinds
    self.notify = notify
  }

  /// Whether nothing may be changed, locked or recorded.
  package var isDry: Bool { options.isDryRun || CallContext.current.isDryRun }

  /// Says what a dry run leaves undone; false when this is none.
  ///
  /// Throws why nothing new begins, in a run that is being stopped or only walked through.
  package func isDry(_ deed: String) async throws(CallFailure) -> Bool {
    if isDry {
      dialogue.say("  dry run: would \(deed)")
      return true
    }
    if let stop = await CallContext.current.run?.stopped { throw stop }
    return false
  }

  /// A name for a new run, or for whatever else is locked or asked for.
  package func drawID() -> String { RunID.make(seed: world.drawSeed(), now: world.now()) }

  /// Who is asked in the name of a run.
  package func questions(_ journal: Journal?) -> RunQuestions {
    RunQuestions(
      dialogue: dialogue,
      journal: journal,
      clock: world.clock,
      assumesYes: options.assumesYes,
      notify: notify
    )
  }
}

extension RunSetting {
  /// Whether there is a journal to ask; only a dry run goes without one.
  package var hasJournal: Bool {
    get async {
      let isThere = await registry.isThere
      return isThere || !isDry
    }
  }

  /// Says what a run would lock, and who holds it now; locks nothing.
  package func showLock(_ scopes: [LockScope], except run: String) async throws(CallFailure) {
    let conflicts = try await conflicts(scopes, except: run)
    let words = scopes.locking.map(\.description).joined(separator: ", ")
    dialogue.say("  lock: \(words.isEmpty ? "none" : words)\(conflicts.isEmpty ? ", free" : "")")
    for conflict in conflicts { dialogue.say("  held: \(conflict)") }
  }

  /// Who holds what these scopes need, one line each; or that the journal does not answer.
  package func conflicts(_ scopes: [LockScope], except run: String) async throws(CallFailure) -> [String] {
    // A dry run creates no journal, and without one nothing is locked.
    guard await hasJournal else { return [] }
    guard let registry = try? await registry.open() else { return ["the journal does not answer"] }
    // A plan is worth showing even when nobody can say who holds the lock.
    return (try? await registry.locks.conflicts(scopes, except: run)) ?? ["the journal does not answer"]
  }
}

extension [LockScope] {
  /// Those that lock something for themselves.
  package var locking: [LockScope] { filter { $0.mode == .exclusive || $0.mode == .shared } }
}

extension Surroundings {
  private enum SettingKey: SurroundingsKey {
    static var fallback: RunSetting? { nil }
  }

  /// What runs work with; nil where there are none.
  package var runSetting: RunSetting? {
    get { self[SettingKey.self] }
    set { self[SettingKey.self] = newValue }
  }
}
