package import PrimitiveKit

/// What a site says of its journal and its locks.
package struct JournalSettings: SiteSection {
  package static let keys: [DataKey] = [
    DataKey("audit", "Where the head of the audit chain goes after every run"),
    DataKey("journal", "A path, the URL of a PostgreSQL database, or { url = …, password = { secret = NAME } }"),
    DataKey("journal_network", "Whether the file may be on a network file system"),
    DataKey("lease", "How long until a lock expires when its holder stops renewing it"),
    DataKey("lock_wait", "How long a run waits for a lock held by another"),
  ]

  /// The path of an SQLite file or a `postgres://` URL; nil for one file a site in the state directory.
  package var journal: String?
  /// The secret that has the password of its database; nil where the URL or the environment has it.
  package var password: Secret?
  /// Whether the file may lie on a network file system, where only one machine may use it.
  package var allowsNetwork = false
  /// How long a lock outlives a holder that no longer renews it.
  package var lease: Duration = .seconds(60)
  /// How long a run waits for a lock of another; zero refuses at once.
  package var lockWait: Duration = .zero

  /// Where the head of the audit chain goes after every run; nil for nowhere.
  package var auditSink: AuditSinkSettings?

  package init() {}

  package init(reading file: DataField, in site: any SiteNames) throws(DataError) {
    auditSink = try file.optional("audit").map { (field) throws(DataError) in try AuditSinkSettings(field) }
    if let field = file.optional("journal") { (journal, password) = try field.journal() }
    allowsNetwork = try file.optional("journal_network")?.bool() ?? allowsNetwork
    lease = try file.optional("lease")?.seconds(in: 10...600) ?? lease
    lockWait = try file.optional("lock_wait")?.seconds(in: 0...86_400) ?? lockWait
  }
}

extension DataField {
  /// A path or a URL, also beside the secret that has the password.
  fileprivate func journal() throws(DataError) -> (String, Secret?) {
    guard case .table = value else { return (try place(), nil) }
    try allow(["url", "password"])
    let url = try required("url", "postgres://HOST/DATABASE")
    let text = try url.place()
    guard text.contains("://") else {
      throw url.wrong("postgres://HOST/DATABASE: a file has no password")
    }
    return (text, try optional("password").map { (field) throws(DataError) in try field.secret() })
  }

  /// A secret as data names it: `{ secret = "NAME" }`; what else stands there may be the value, and is not repeated.
  private func secret() throws(DataError) -> Secret {
    guard case .table(let fields) = value, fields.count == 1, case .string(let name)? = fields["secret"],
      PlainName.isPlain(name)
    else {
      throw DataError(
        path: path,
        expected: "{ secret = \"NAME\" }",
        got: "something else",
        hint: "the site names the secret and never holds its value"
      )
    }
    return Secret(name)
  }

  /// A path or a URL; what is wrong is named without what may be a password.
  private func place() throws(DataError) -> String {
    let expected = "a path, or postgres://HOST/DATABASE"
    let text = try string(expected)
    guard let colon = text.firstRange(of: "://") else { return text }
    let scheme = String(text[..<colon.lowerBound])
    let rest = text[colon.upperBound...]
    guard ["postgres", "postgresql"].contains(scheme) else {
      throw DataError(path: path, expected: expected, got: "'\(scheme)://…'", hint: "use the scheme postgres")
    }
    guard let slash = rest.firstIndex(of: "/"), slash < rest.index(before: rest.endIndex) else {
      throw DataError(path: path, expected: expected, got: "a URL without a database", hint: "add /DATABASE to the URL")
    }
    return text
  }
}
