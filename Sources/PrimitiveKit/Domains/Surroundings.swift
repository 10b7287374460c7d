/// What a contribution of a domain works with: the world, the site, the operator, and what others offer to all.
package struct Surroundings: Sendable {
  /// Clock, randomness and services; changes in it are judged by the guards of all domains.
  package var world: World
  /// The operator.
  package var dialogue: any Dialogue
  /// What the command line decided.
  package var options: SessionOptions
  /// Ctrl-C.
  package var interruptions: Interruptions
  /// Opens the runs that changes belong to.
  package var runs: any RunOpener
  /// Records what the stop lane does.
  package var stops: any StopLog = NoStopLog()
  /// The kinds of scope that can be locked.
  package var lockKinds = LockKinds([])
  /// What can be measured, of all domains.
  package var checks: [Check] = []
  /// Asks plugins at the hooks that domains name.
  package var hooks: any HookRunner = NoHooks()
  /// What checks keep from one time to the next.
  package var memory: any CheckMemory = NoMemory()
  /// Which releases are not to be rolled out again.
  package var releases: any ReleaseMarks = NoReleaseMarks()
  /// What domains read of the site; as it is without a word when there is no site.
  package var sections = DataSections()
  /// What domains read of the `system.lua` of each plugin that has one, by the plugin's id.
  package var systems: [String: DataSections] = [:]
  private var values: [ObjectIdentifier: any Sendable] = [:]

  package init(
    world: World,
    dialogue: any Dialogue,
    options: SessionOptions,
    interruptions: Interruptions = Interruptions(),
    runs: any RunOpener = UnrecordedRuns()
  ) {
    self.world = world
    self.dialogue = dialogue
    self.options = options
    self.interruptions = interruptions
    self.runs = runs
  }

  /// Something that one target offers to those that import it, such as the site; its key says what holds without it.
  package subscript<Key: SurroundingsKey>(key: Key.Type) -> Key.Value {
    get { values[ObjectIdentifier(key)] as? Key.Value ?? Key.fallback }
    set { values[ObjectIdentifier(key)] = newValue }
  }
}

/// Names a value in `Surroundings`.
package protocol SurroundingsKey {
  associatedtype Value: Sendable
  /// What holds where nobody set it.
  static var fallback: Value { get }
}
