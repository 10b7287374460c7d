import PrimitiveKit
import Runs
import Testing

/// What locking hosts of a site takes.
struct SiteScopesTests {
  private let scopes = SiteScopes(all: { ["web1", "web2"] }) { hosts in
    hosts.map { LockScope(path: ["host", $0]) } + (hosts.isEmpty ? [] : [LockScope(path: ["environment", "lab"])])
  }

  @Test func `a host brings its groups, each once`() {
    let web1 = LockScope(path: ["host", "web1"])
    let complete = scopes.complete([web1, web1])
    #expect(complete == [web1, LockScope(path: ["environment", "lab"])])
  }

  @Test func `a lock on an environment covers the hosts in it`() {
    let web1 = LockScope(path: ["host", "web1"])
    #expect(scopes.cover.missing([web1], from: [LockScope(path: ["environment", "lab"])]).isEmpty)
    #expect(scopes.cover.missing([web1], from: [LockScope(path: ["environment", "other"])]) == [web1])
  }

  @Test func `scopes are about the hosts they name, and about those of the site that they cover`() {
    #expect(scopes.hosts([LockScope(path: ["host", "web2"])]) == ["web2"])
    #expect(scopes.hosts([LockScope(path: ["environment", "lab"])]) == ["web1", "web2"])
    #expect(scopes.hosts([LockScope(path: ["environment", "lab"], mode: .intentExclusive)]).isEmpty)
  }
}
