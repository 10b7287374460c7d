import PrimitiveKit
import Testing

@testable import Site

struct HostOrderTests {
  private func site(_ after: [String: [String]]) throws(DataError) -> Site {
    let hosts = ["db1", "db2", "app1", "app2", "web1"].map { name in
      Value.table([
        "name": name.value, "groups": .array([String(name.dropLast()).value]),
        "after": (after[name] ?? []).value,
      ])
    }
    return try Site(decoding: .table(["name": "lab".value, "hosts": .array(hosts)]))
  }

  @Test func `hosts come after those they name, by name or group`() throws {
    let site = try site(["app1": ["@db"], "app2": ["db1", "db2"], "web1": ["@app"]])
    #expect(try site.layers(site.hosts) == [["db1", "db2"], ["app1", "app2"], ["web1"]])
  }

  @Test func `a host that is not asked for still stands between`() throws {
    let site = try site(["app1": ["@db"], "web1": ["app1"]])
    let asked = site.hosts.filter { ["db1", "web1"].contains($0.name) }
    #expect(try site.layers(asked) == [["db1"], ["web1"]])
  }

  @Test func `without a word all hosts are equal`() throws {
    let site = try site([:])
    #expect(try site.layers(site.hosts).count == 1)
    #expect(try site.layers([]) == [])
  }

  @Test func `a host does not wait for itself in its group`() throws {
    let site = try site(["db2": ["@db"]])
    #expect(try site.layers(site.hosts).first == ["db1", "app1", "app2", "web1"])
  }

  @Test func `a circle is found when the site is read, and named`() {
    let failure = #expect(throws: DataError.self) { try site(["db1": ["web1"], "app1": ["db1"], "web1": ["app1"]]) }
    #expect(
      failure?.message.contains("the `after` of hosts forms a cycle: db1 after web1 after app1 after db1") == true
    )
  }

  @Test func `a name that is no host is found when the site is read`() {
    let failure = #expect(throws: DataError.self) { try site(["web1": ["ap1"]]) }
    #expect(failure?.message.contains("the site has no ap1") == true)
  }
}
