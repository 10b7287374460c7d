package import PrimitiveKit
package import RunbookHeader
import Runs

/// Plans, runs, resumes and rolls back runbooks.
package struct RunbookEngine: Sendable {
  package let setting: RunbookSetting

  package init(_ setting: RunbookSetting) { self.setting = setting }

  var dialogue: any Dialogue { setting.runs.dialogue }
  var world: World { setting.runs.world }

  /// Whether nothing may be changed, locked or written down.
  var isDry: Bool { setting.runs.options.isDryRun || CallContext.current.isDryRun }

  /// The journal's registry; throws why there is none: nothing is changed that cannot be written down.
  func registry() async throws(CallFailure) -> RunRegistry { try await setting.runs.registry.open() }

  /// Loads a runbook's file and checks that this opsh can run it.
  ///
  /// Throws `runbook.*`, `lua.syntax` and `script.unreadable`.
  package func load(_ source: String, path: String) async throws(CallFailure) -> RunbookFile {
    let book = try await RunbookFile.load(source, path: path, engine: setting.engine)
    if let version = SemanticVersion(setting.opshVersion) {
      try book.header.requirements.check(opsh: version, plugins: setting.plugins)
    }
    return book
  }

  /// The scopes that a runbook's header locks.
  func scopes(_ book: RunbookFile, _ arguments: RunbookArguments) throws(CallFailure) -> [LockScope] {
    var scopes: [LockScope] = []
    for template in book.header.locks {
      let names = template.namesHosts ? hostNames : LockTemplate.words
      let named = try template.scopes(for: arguments, names: names)
      for scope in named { try setting.runs.lockKinds.check(scope) }
      scopes += named
    }
    return setting.runs.site.locking.complete(scopes)
  }

  /// What a run of a runbook holds: what its header locks, and what its plan names besides.
  func scopes(_ book: RunbookFile, _ arguments: RunbookArguments, naming targets: [OperationTarget])
    throws(CallFailure) -> [LockScope]
  {
    let header = try scopes(book, arguments)
    let missing = setting.runs.site.locking.cover.missing(targets.flatMap(\.scopes), from: header)
    return setting.runs.site.locking.complete(header + missing)
  }

  /// What single calls and rollbacks hold: these hosts, and what their operations are about.
  func scopes(hosts: [String], naming targets: [OperationTarget]) -> [LockScope] {
    setting.runs.site.locking.complete(hosts.map { LockScope(path: ["host", $0]) } + targets.flatMap(\.scopes))
  }

  /// The hosts that a lock is about: whoever held it before may be at work on any of them.
  func hosts(in scopes: [LockScope]) -> [String] {
    var hosts: [String] = []
    for scope in scopes where scope.mode == .exclusive || scope.mode == .shared {
      switch scope.path.first {
      case nil: hosts += (try? setting.runs.site.hosts("@*")) ?? []
      case "host": hosts += scope.path.dropFirst().prefix(1)
      case "environment": hosts += scope.path.count > 1 ? (try? setting.runs.site.hosts("@\(scope.path[1])")) ?? [] : []
      default: continue
      }
    }
    var seen: Set<String> = []
    return hosts.filter { seen.insert($0).inserted }
  }

  /// The hosts behind a parameter; throws what is wrong with the selector, so that no lock is taken on nothing.
  private func hostNames(_ parameter: String, _ value: Value) throws(CallFailure) -> [String] {
    var names: [String] = []
    for word in LockTemplate.words(parameter, value) { names += try setting.runs.site.hosts(word) }
    return names
  }

  /// What calls in a function of a runbook may do: what its header declares, or less.
  func context(_ book: RunbookFile, allowed: Set<Effect>? = nil, name: String, isDry: Bool) -> CallContext {
    let effects = allowed ?? book.header.effects
    var context = CallContext(allowed: effects.union([.reads]), name: name, isDryRun: isDry)
    context.isDeclared = allowed == nil
    context.isQuiet = isDry
    // Its plan is what was confirmed; steps ask for nothing again.
    context.isConfirmed = true
    context.tolerance = .budget
    return context
  }

  /// Calls one of a runbook's functions in its job.
  func section(
    _ name: String,
    _ arguments: [Value],
    of job: Job,
    as context: CallContext
  ) async throws(CallFailure) -> Value {
    var given = context
    given.run = job.run
    given.noted = job.noted
    let setting = given
    let result = await JobScope.$current.withValue(JobScope(job: job, path: "", context: setting)) {
      await CallContext.$current.withValue(setting) {
        await CallFailure.result { () async throws(CallFailure) in
          try await job.invoke.section(name, arguments)
        }
      }
    }
    return try result.get()
  }
}
