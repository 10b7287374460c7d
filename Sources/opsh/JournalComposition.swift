import Approvals
import Drivers
import Fleet
import Foundation
import Foundations
import Journal
import JournalCare
import PrimitiveKit
import Runbooks
import Runs
import Site

/// Puts the journal of a site together: database, locks, registry.
struct JournalComposition: Sendable {
  let site: Site?
  let systems: SystemCatalog
  let setting: SessionSetting
  let clock: any Clock<Duration>
  /// The changes that can be read back.
  let operations: [any PrimitiveKit.Operation.Type]
  /// What is told of newer locks.
  let fences: EpochFences
  /// The stops of this process that are being recorded.
  let fresh = FreshStops()
  /// Reaches the host that keeps the audit head.
  let hosts: any Transport
  /// Has the password of its database.
  let secrets: any SecretReader

  /// The registry, opened when it is first needed.
  var registry: RegistryOpener { RegistryOpener(exists: exists) { () async throws(CallFailure) in try await open() } }

  /// What is to be told, and the lease of whoever watches, in the journal that `registry` opens.
  func outbox(_ registry: RegistryOpener) -> JournalOutbox {
    JournalOutbox(registry: registry, hasJournal: exists, clock: clock, timing: timing)
  }

  private var timing: LeaseTiming {
    guard let lease = site?.journal.lease else { return .standard }
    return LeaseTiming(duration: lease, renewal: lease / 4, retry: lease / 12, startLimit: lease * 3 / 4)
  }

  private func open() async throws(CallFailure) -> RunRegistry {
    let site = try required()
    let identity = ProcessIdentity.current(version: Opsh.version)
    let journal = try await open(site, identity)
    if let notice = journal.notice { setting.dialogue.say("journal: \(notice)") }
    if let obstacle = await journal.obstacle() {
      setting.dialogue.say("journal: \(obstacle.message); changes are refused")
    }
    await drain(into: journal)
    var registry = RunRegistry(
      journal: journal,
      locks: RunLocks(
        store: LockStore(journal),
        holder: LockHolder(identity),
        clock: clock,
        timing: timing,
        patience: site.journal.lockWait,
        dialogue: setting.dialogue
      ),
      coding: OperationCoding(kinds: operations, texts: journal.texts),
      dialogue: setting.dialogue,
      site: SiteScopes(
        all: { site.hosts.map(\.name) },
        ofSystem: { [systems] name in (try? systems.system(name).hosts) ?? [] }
      ) { names in
        site.scopes(for: names.compactMap { site.host(named: $0) })
      },
      fences: fences
    )
    registry.heads = try heads(site)
    let policy = ApprovalPolicy(signers: nil, scopes: site.approvals.approvals.scopes)
    registry.refusesBeyond = { policy.refusal(beyond: $0) }
    return registry
  }

  /// What keeps the audit head where the site says; nil for nowhere.
  ///
  /// Throws `site.invalid` for a host that is not there.
  private func heads(_ site: Site) throws(CallFailure) -> HeadKeeper? {
    let sink: any HeadSink
    switch site.journal.auditSink {
    case nil: return nil
    case .syslog?: sink = SyslogSink()
    case .program(let command)?: sink = ProgramSink(command: command.map(expand))
    case .file(let name, let path)?:
      guard let host = site.host(named: name) else {
        throw CallFailure(
          .invalid,
          code: "site.invalid",
          message: "audit.sink.host: no host is called '\(name)'",
          hint: NearestName.question(for: name, in: site.hosts.map(\.name))
        )
      }
      sink = HostFileSink(host: host.hostAddress, path: path, transport: hosts)
    }
    return HeadKeeper(sink) { [dialogue = setting.dialogue] in dialogue.say($0) }
  }

  /// Where calls of the stop lane wait for the journal; nil without a site or a place for it.
  var spool: StopSpool? {
    guard let site, let directory = UserDirectory.state(setting.environment) else { return nil }
    return StopSpool(folder: "\(directory)/opsh/\(site.name).stops")
  }

  /// What waits for the journal, a line each, and what of it cannot be read.
  var waiting: [String] {
    guard let spool else { return [] }
    let (calls, damaged) = spool.calls()
    return calls.filter { $0.endedAt != nil }.map(\.words) + damaged.map { "\($0) cannot be read" }
  }

  private func drain(into journal: Journal) async {
    guard let spool, !setting.options.isDryRun, await journal.obstacle() == nil else { return }
    do throws(CallFailure) {
      let count = fresh.waited(try await journal.drain(spool))
      if count > 0 {
        setting.dialogue.say("journal: \(count == 1 ? "1 waiting stop" : "\(count) waiting stops") recorded")
      }
    } catch {
      setting.dialogue.say("journal: waiting stops could not be recorded: \(error.message)")
    }
  }

  /// Whether there is a journal to ask; one on a server is taken to be there.
  @Sendable func exists() -> Bool {
    guard let site else { return false }
    if let given = site.journal.journal, given.contains("://") { return true }
    let path = site.journal.journal.map(expand) ?? (try? "\(stateDirectory())/opsh/\(site.name).journal")
    return path.map(FileManager.default.fileExists(atPath:)) ?? false
  }

  private func open(_ site: Site, _ identity: ProcessIdentity) async throws(CallFailure) -> Journal {
    let (place, anchor) = try place(of: site)
    let database = try await place.open(
      allowsNetwork: site.journal.allowsNetwork,
      password: site.journal.password.map(password)
    )
    return try await Journal.open(database, identity: identity, anchor: anchor)
  }

  /// Opens the password of the database when its server asks.
  private func password(_ secret: Secret) -> JournalPlace.Password {
    { [secrets] () async throws(CallFailure) in
      String(decoding: try await secrets.open(secret).bytes, as: UTF8.self)
    }
  }

  private func place(of site: Site) throws(CallFailure) -> (JournalPlace, AnchorFile) {
    let place: JournalPlace
    if let given = site.journal.journal {
      place = JournalPlace(given, expand: expand)
    } else {
      place = .file(try "\(stateDirectory())/opsh/\(site.name).journal")
    }
    return (place, try anchors(of: place, site))
  }

  /// Where hashes of a journal are kept a second time: each place has a file of its own, whatever the site's journal was before.
  private func anchors(of place: JournalPlace, _ site: Site) throws(CallFailure) -> AnchorFile {
    guard case .server(let address) = place else { return AnchorFile(path: "\(place.name).anchor") }
    let stem = try "\(stateDirectory())/opsh/\(site.name).journal"
    // Options may say which schema it is in; a password may change.
    let options = address.split(separator: "?", maxSplits: 1).dropFirst().first?.split(separator: "&") ?? []
    let lasting = options.filter { !$0.hasPrefix("password=") }.joined(separator: "&")
    let name = SHA256(hashing: "\(place.name)?\(lasting)".utf8).hex.prefix(12)
    // The journal that a site had in a file before has its anchors there, too.
    return AnchorFile(path: "\(stem)-\(name).anchor", older: "\(stem).anchor")
  }

  /// What looks after the journal of the site; opens nothing yet.
  func care() throws(CallFailure) -> JournalCare {
    let site = try required()
    let (place, anchor) = try place(of: site)
    var care = JournalCare(place: place, anchor: anchor, identity: ProcessIdentity.current(version: Opsh.version))
    care.allowsNetwork = site.journal.allowsNetwork
    care.password = site.journal.password.map(password)
    return care
  }

  private func required() throws(CallFailure) -> Site {
    if let site { return site }
    throw CallFailure(
      .invalid,
      code: "site.missing",
      message: "no site is given, so there is no journal, and changes need one",
      hint: "give one with `--site FILE` or $OPSH_SITE, or start opsh in a directory with a site.lua"
    )
  }

  func expand(_ path: String) -> String { UserDirectory.expanding(path, setting.environment) }

  private func stateDirectory() throws(CallFailure) -> String {
    guard let directory = UserDirectory.state(setting.environment) else {
      throw CallFailure(
        .journal,
        code: "journal.unavailable",
        message: "no place for the journal: HOME is not set",
        hint: "set HOME or XDG_STATE_HOME, or `journal` in the site"
      )
    }
    return directory
  }
}
