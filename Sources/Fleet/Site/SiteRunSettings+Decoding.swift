import PrimitiveKit

extension SiteRunSettings {
  /// The keys of a site that are read here.
  static let keys = [
    "allowed_signers", "approvals", "dry_run", "journal", "journal_network", "lease", "lock_wait", "notify", "runbooks",
  ]

  init(_ site: SiteField) throws(SiteError) {
    journal = try site.optional("journal")?.journal()
    allowsNetworkJournal = try site.optional("journal_network")?.bool() ?? allowsNetworkJournal
    allowedSigners = try site.optional("allowed_signers")?.string("the path of an allowed_signers file")
    // Without signers no approval can be checked, so none is asked for unless the site says so.
    approvals = try Approvals(site.optional("approvals"), standard: allowedSigners == nil ? Approvals() : .standard)
    runbooks = try Runbooks(site.optional("runbooks"))
    dryRun = try SiteDryRun(site.optional("dry_run"))
    if let field = site.optional("notify") {
      notify = try field.texts("a program, or a list of a program and its arguments")
      if notify.isEmpty { throw field.wrong("a program, or a list of a program and its arguments") }
    }
    lockWait = try site.optional("lock_wait")?.seconds(in: 0...86_400) ?? lockWait
    lease = try site.optional("lease")?.seconds(in: 10...600) ?? lease
  }
}

extension SiteRunSettings.Approvals {
  fileprivate init(_ field: SiteField?, standard: Self) throws(SiteError) {
    self = standard
    guard let field else { return }
    // A key that is not there keeps its standard: who adds a runbook does not mean to let `trades` go.
    self = .standard
    try field.allow(["all", "effects", "runbooks", "speeds"])
    if let list = field.optional("effects") { effects = try Self.effects(list) }
    if let list = field.optional("speeds") { speeds = Set(try list.speeds()) }
    runbooks = Set(try field.optional("runbooks")?.texts("a list of names of runbooks") ?? [])
    all = try field.optional("all")?.bool() ?? false
  }

  private static func effects(_ field: SiteField) throws(SiteError) -> Set<Effect> {
    let known = Effect.allCases.filter { $0 != .reads }.map(\.rawValue)
    var effects: Set<Effect> = []
    for name in try field.texts("a list of effects") {
      guard known.contains(name), let effect = Effect(rawValue: name) else {
        let hint = NearestName.question(for: name, in: known) ?? "the effects are \(known.joined(separator: ", "))"
        throw SiteError(path: field.path, expected: "the names of effects", got: "'\(name)'", hint: hint)
      }
      effects.insert(effect)
    }
    return effects
  }
}

extension SiteRunSettings.Runbooks {
  fileprivate init(_ field: SiteField?) throws(SiteError) {
    self.init()
    guard let field else { return }
    try field.allow(["folders", "signed"])
    folders = try field.optional("folders")?.texts("a folder, or a list of folders") ?? []
    signed = try field.optional("signed")?.bool() ?? false
  }
}

extension SiteField {
  /// A path or a URL; what is wrong is named without what may be a password.
  fileprivate func journal() throws(SiteError) -> String {
    let expected = "a path, or postgres://HOST/DATABASE"
    let text = try string(expected)
    guard let colon = text.firstRange(of: "://") else { return text }
    let scheme = String(text[..<colon.lowerBound])
    let rest = text[colon.upperBound...]
    guard ["postgres", "postgresql"].contains(scheme) else {
      throw SiteError(path: path, expected: expected, got: "'\(scheme)://…'", hint: "the scheme is postgres")
    }
    guard let slash = rest.firstIndex(of: "/"), slash < rest.index(before: rest.endIndex) else {
      throw SiteError(path: path, expected: expected, got: "a URL without a database", hint: "add /DATABASE to the URL")
    }
    return text
  }
}
