import PrimitiveKit
import RunbookHeader
import Runs

/// What runs of runbooks lock, as the site and the kinds of lock have it.
struct RunbookScopes: Sendable {
  let site: SiteView
  let lockKinds: LockKinds

  /// The scopes that a runbook's header locks.
  func scopes(_ book: RunbookFile, _ arguments: RunbookArguments) throws(CallFailure) -> [LockScope] {
    var scopes: [LockScope] = []
    for template in book.header.locks {
      let names = template.namesHosts ? hostNames : LockTemplate.words
      let named = try template.scopes(for: arguments, names: names)
      for scope in named { try lockKinds.check(scope) }
      scopes += named
    }
    return site.locking.complete(scopes)
  }

  /// What a run of a runbook holds: what its header locks, and what its plan names besides.
  func scopes(_ book: RunbookFile, _ arguments: RunbookArguments, naming targets: [OperationTarget])
    throws(CallFailure) -> [LockScope]
  {
    let header = try scopes(book, arguments)
    let missing = site.locking.cover.missing(targets.flatMap(\.scopes), from: header)
    return site.locking.complete(header + missing)
  }

  /// What single calls and rollbacks hold: these hosts, and what their operations are about.
  func scopes(hosts: [String], naming targets: [OperationTarget]) -> [LockScope] {
    site.locking.complete(hosts.map { LockScope(path: ["host", $0]) } + targets.flatMap(\.scopes))
  }

  /// The hosts that a lock is about: whoever held it before may be at work on any of them.
  func hosts(in scopes: [LockScope]) -> [String] { site.locking.hosts(scopes) }

  /// The hosts behind a parameter; throws what is wrong with the selector, so that no lock is taken on nothing.
  private func hostNames(_ parameter: String, _ value: Value) throws(CallFailure) -> [String] {
    var names: [String] = []
    for word in LockTemplate.words(parameter, value) { names += try site.hosts(word) }
    return names
  }
}
