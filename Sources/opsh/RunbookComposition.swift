import Approvals
import Console
import Drivers
import Foundation
import Foundations
import Journal
import LuaRuntime
import LuaSyntax
import PluginHost
import PrimitiveKit
import Rollout
import RunbookHeader
import Runbooks
import Runs
import Site

/// Puts the runbooks of a session together.
struct RunbookComposition: Sendable {
  let interrupts: RunbookInterrupts
  let inexact = InexactPoints()
  let journal: JournalComposition
  let registry: RegistryOpener
  let notifier: any RunNotifier
  private let setting: SessionSetting
  private let site: Site?
  private let systems: SystemCatalog

  /// `bare` are the surroundings before there is a journal.
  init(_ setting: SessionSetting, _ domains: DomainSet, _ bare: Surroundings, _ plugins: PluginHost) {
    let site = bare.site
    self.setting = setting
    self.site = site
    systems = bare.catalogOfSystems
    let notifiers = SiteNotifiers(site: site, plugins: plugins.plugins, environment: setting.environment)
    notifier = RunNotices(notifiers.forQuestions(plugins), dialogue: setting.dialogue)
    interrupts = RunbookInterrupts(dialogue: setting.dialogue)
    journal = JournalComposition(
      site: site,
      systems: bare.catalogOfSystems,
      setting: setting,
      clock: bare.world.clock,
      operations: domains.operations,
      fences: domains.fences(in: bare),
      hosts: bare.world.service(Hosts.self),
      secrets: setting.secretStore(bare.sections)
    )
    registry = journal.registry
  }

  /// What runs work with in these surroundings, which the guards judge.
  func runSetting(_ surroundings: Surroundings) -> RunSetting {
    RunSetting(
      registry: registry,
      world: surroundings.world,
      dialogue: setting.dialogue,
      options: setting.options,
      interrupts: interrupts,
      site: view,
      lockKinds: surroundings.lockKinds,
      notify: { [site, notifier] question in
        notifier.notify(RunNotice(question, site: site?.name ?? "", at: Date()))
      }
    )
  }

  /// The engine of runbooks.
  func engine(
    _ lua: LuaEngine,
    catalog: Catalog,
    _ domains: DomainSet,
    _ surroundings: Surroundings,
    folders: [String],
    host: PluginHost,
    plugins: [String: String]
  ) throws(CallFailure) -> RunbookEngine {
    RunbookEngine(
      RunbookSetting(
        runs: surroundings.runSetting ?? runSetting(surroundings),
        engine: lua,
        rollouts: ShownRollouts(
          clock: surroundings.world.clock,
          dialogue: QuietedDialogue(setting.dialogue),
          interruptions: setting.interruptions
        ),
        folders: folders,
        offered: host.runbooks,
        authority: { path throws(CallFailure) in try host.authority(ofRunbook: path) },
        admit: { path, text throws(CallFailure) in try host.admit(runbook: path, text) },
        arguments: arguments,
        opshVersion: Opsh.version,
        plugins: plugins,
        inexact: inexact,
        approvals: try admission(folders: folders),
        planLines: { changes in await domains.planLines(of: changes, in: surroundings) },
        call: { name, arguments throws(CallFailure) in
          guard let primitive = catalog[name] else {
            throw CallFailure(.refused, code: "run.differs", message: "the primitive '\(name)' no longer exists")
          }
          return try await primitive.call([arguments])
        }
      )
    )
  }

  /// The signatures of this machine's `ssh-keygen`.
  var signatures: OpenSSHSignatureTool { OpenSSHSignatureTool(environment: setting.environment) }

  /// Approvals, wherever the journal is.
  var approvals: LateApprovals {
    let registry = registry
    return LateApprovals { () async throws(CallFailure) in try await registry.open().journal }
  }

  /// The path of the file of public keys; nil when the site names none.
  var signers: String? {
    site?.approvals.allowedSigners.map { UserDirectory.expanding($0, setting.environment) }
  }

  /// Which changes need a second operator.
  private var policy: ApprovalPolicy {
    let wanted = site?.approvals.approvals ?? ApprovalSettings.Approvals()
    return ApprovalPolicy(
      signers: signers,
      effects: wanted.effects,
      speeds: wanted.speeds,
      runbooks: wanted.runbooks,
      scopes: wanted.scopes,
      all: wanted.all
    )
  }

  /// The record of the stop lane.
  var stops: JournaledStops {
    JournaledStops(
      spool: journal.spool,
      fresh: journal.fresh,
      // Its program is not hashed: that would take longer than the stop.
      identity: ProcessIdentity.current(version: Opsh.version, digest: ""),
      registry: registry,
      now: { Int64(Date().timeIntervalSince1970 * 1000) },
      clock: ContinuousClock()
    )
  }

  /// The runs of single calls.
  ///
  /// Throws what reading the file of `--approval` throws, and `lock.scope` for an approval of what cannot be locked.
  func calls(_ kinds: LockKinds) throws(CallFailure) -> LateRuns {
    // One that is misspelt would hold nothing back.
    for scope in policy.scopes { try kinds.check(scope) }
    let admission = CallAdmission(
      policy: policy,
      site: site?.name ?? "none",
      opsh: Opsh.version,
      admission: try admission(signing: nil)
    )
    return LateRuns(registry, admission: admission)
  }

  private func admission(folders: [String]) throws(CallFailure) -> SiteAdmission {
    var signing: SiteAdmission.Signing?
    if site?.runbooks.signed == true {
      let signature = RunbookSignature(tool: signatures, signers: signers, now: { Date() })
      signing = SiteAdmission.Signing(signature) { path throws(CallFailure) in try TextFile.readIfThere(path) }
    }
    return try admission(signing: signing)
  }

  private func admission(signing: SiteAdmission.Signing?) throws(CallFailure) -> SiteAdmission {
    // Only names are needed here; the digest of the program takes as long as everything else at the start.
    let identity = ProcessIdentity.current(version: Opsh.version, digest: "")
    return SiteAdmission(
      gate: ApprovalGate(policy: policy, tool: signatures, store: approvals, now: { Date() }),
      file: try setting.approval.map { path throws(CallFailure) in try SignedApproval(file: try TextFile.read(path)) },
      person: identity.operatorName,
      user: identity.user,
      signing: signing,
      scopes: { [site] names in site?.scopes(for: names.compactMap { site?.host(named: $0) }) ?? [] },
      dialogue: setting.dialogue
    )
  }

  /// What dry runs take for parameters that nobody gives.
  private var arguments: SiteArguments {
    SiteArguments(site?.runbooks.dryRun.arguments ?? [:]) { [path = setting.sitePath ?? ""] field in
      let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
      return "\(LuaFieldLocator(file: path, source: text)(field))"
    }
  }

  private var view: SiteView {
    SiteView(
      name: site?.name ?? "none",
      hosts: { [site] selector throws(CallFailure) in try site?.hosts(selecting: selector) ?? [] },
      scopes: { [site] names in site?.scopes(for: names.compactMap { site?.host(named: $0) }) ?? [] },
      hostsOfSystem: { [systems] name throws(CallFailure) in try systems.system(name).hosts }
    )
  }
}
