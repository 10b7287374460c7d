import Fleet
import LuaSyntax
import PrimitiveKit
import Site
import Testing

struct SiteTests {
  @Test func `a site is read with its defaults`() throws {
    let site = try Sample.site()
    #expect(site.hosts.map(\.name) == ["web01", "web02", "web03", "db", "spare"])
    #expect(site.hosts.map(\.address) == ["127.0.0.1", "127.0.0.2", "127.0.0.3", "db", "spare"])
    #expect(site.hosts.map(\.bots.folded) == ["bot[1-2]", "bot[3-4]", "bot[5-6]", "bot[7,9]", ""])
    #expect(site.hosts.map(\.transport) == [.ssh, .ssh, .ssh, .local, .ssh])
    #expect(site.hosts[1].tags == ["role": "market maker", "rack": "7"])
    #expect(site.hosts.allSatisfy { $0.port == 2222 && $0.user == "ops" && $0.runtime == "process" })
    #expect(site.ssh.connectTimeout == .milliseconds(2500))
    #expect(site.targets == ["all": "@*", "staging": "web01"])
    #expect(site.fleet.images["v1"]?.digest.description == Sample.digest)
    #expect(site.fleet.defaultImage == "v1")
    #expect(site.host(ofBot: "bot4")?.name == "web02")
    #expect(site.groupNames == ["all", "front", "low", "staging"])
  }

  @Test func `a large range deals its bots out in order`() throws {
    let site = try Site(
      decoding: Sample.host([
        "name": .string("web[001-178]"), "address": .string("10.0.0.[1-178]"), "bots": .string("bot[1-534]"),
      ]),
      sections: Sample.sections
    )
    #expect(site.hosts.count == 178)
    #expect(site.hosts[177].name == "web178" && site.hosts[177].address == "10.0.0.178")
    #expect(site.hosts[0].bots.folded == "bot[1-3]" && site.hosts[177].bots.folded == "bot[532-534]")
  }

  @Test(arguments: [
    ("name", Value.int(1), "name", "the name of the site", "1"),
    ("user", .string(""), "user", "a user name", "\"\""),
    ("colour", .int(1), "colour", "a known key", "'colour'"),
    ("ssh", .table(["prt": .int(1)]), "ssh.prt", "a known key", "'prt'"),
    ("ssh", .table(["port": .int(0)]), "ssh.port", "a whole number from 1 to 65535", "0"),
    (
      "ssh", .table(["connect_timeout": .int(0)]), "ssh.connect_timeout",
      #"more than 0 and up to 600 seconds, or text such as "2m""#, "0"
    ),
    ("hosts", .table([:]), "hosts", "at least one host", "{}"),
    ("hosts", .string("web1"), "hosts", "a list of hosts", "\"web1\""),
    ("default_image", .string("v2"), "default_image", "the name of an image", "\"v2\""),
    (
      "targets", .table(["staging": .string("web09")]), "targets.staging", "a set of the site's hosts or bots",
      "the site has no web09"
    ),
    ("targets", .table(["a b": .string("db")]), "targets[\"a b\"]", PlainName.expected, "'a b'"),
    ("groups", .table(["@x": .string("db")]), "groups[\"@x\"]", PlainName.expected, "'@x'"),
    ("user", .string("-l root"), "user", "a user name without blanks", "'-l root'"),
    ("runtime", .string("../process"), "runtime", PlainName.expected, "'../process'"),
    ("name", .string("../demo"), "name", PlainName.expected(also: " "), "'../demo'"),
    ("name", .string("a/b"), "name", PlainName.expected(also: " "), "'a/b'"),
    (
      "images", .table(["v1;id": .table(["digest": .string(Sample.digest), "source": .string("x")])]),
      "images[\"v1;id\"]", PlainName.expected(also: ":/@"), "'v1;id'"
    ),
    (
      "groups", .table(["x": .string("web[9-1]")]), "groups.x", "a set of the site's hosts or bots",
      "bad range: 9 is greater than 1 at column 5 of set 'web[9-1]'"
    ),
    (
      "groups", .table(["x": .string("@x")]), "groups.x", "a set of the site's hosts or bots",
      "group 'x' contains itself: x > x"
    ),
    (
      "groups", .table(["db": .string("web01")]), "groups.db", "a unique name",
      "'db', which is also a host or a bot"
    ),
    ("confirm", .table(["yes_allowed": .string("prod")]), "confirm.yes_allowed", "the names of speeds", "'prod'"),
    (
      "images", .table(["v1": .table(["digest": .string("sha256:12"), "source": .string("x")])]), "images.v1.digest",
      "\"sha256:\" and 64 hexadecimal digits", "\"sha256:12\""
    ),
    (
      "images", .table(["v1": .table(["digest": .string(Sample.digest)])]), "images.v1.source", "a path or a URL",
      "nothing"
    ),
  ])
  func `a wrong field is named`(key: String, value: Value, path: String, expected: String, got: String) {
    var table = Sample.table
    table[key] = value
    let error = #expect(throws: DataError.self) { try Site(decoding: .table(table), sections: Sample.sections) }
    #expect(error?.path == path)
    #expect(error?.expected == expected)
    #expect(error?.got == got)
    #expect(error?.code == "site.invalid")
  }

  @Test(arguments: [
    (["name": Value.int(5)], "hosts[1].name", "5"),
    (["address": .string("x")], "hosts[1].name", "nothing"),
    (["name": .string("web[1-")], "hosts[1].name", "'web[1-': '[' is never closed at column 4 of set 'web[1-'"),
    (["name": .string("web 1")], "hosts[1].name", "'web 1'"),
    (["name": .string("-oProxyCommand=x")], "hosts[1].name", "'-oProxyCommand=x'"),
    (["name": .string("web"), "bots": .string(";id")], "hosts[1].bots", "';id'"),
    (["name": .string("web"), "bots": .string("bot1,..")], "hosts[1].bots", "'..'"),
    (["name": .string("web"), "bots": .string("b a")], "hosts[1].bots", "'b a'"),
    (["name": .string("web"), "bots": .string("-rf")], "hosts[1].bots", "'-rf'"),
    (["name": .string("web"), "bots": .string("bot$x")], "hosts[1].bots", "'bot$x'"),
    (["name": .string("web"), "groups": .array([.string("a/b")])], "hosts[1].groups", "'a/b'"),
    (["name": .string("web"), "tags": .table(["a b": .string("x")])], "hosts[1].tags[\"a b\"]", "'a b'"),
    (
      ["name": .string("web"), "tags": .table(["os": .string("a\u{1B}[2J")])], "hosts[1].tags.os",
      "a text with the control character 27"
    ),
    (["name": .string("web"), "runtime": .string("a b")], "hosts[1].runtime", "'a b'"),
    (["name": .string("web"), "address": .string("-oProxyCommand=x")], "hosts[1].address", "'-oProxyCommand=x'"),
    (
      ["name": .string("web"), "bots": .string("all")], "hosts",
      "'all', which is a host or a bot as well as the target of that name"
    ),
    (
      ["name": .string("web"), "groups": .array([.string("web")])], "hosts",
      "'web', which is a host or a bot as well as a group of that name"
    ),
    (["name": .string("web[1-3]"), "address": .string("10.0.0.[1-2]")], "hosts[1].address", "2 ('10.0.0.[1-2]')"),
    (["name": .string("web[1-3]"), "bots": .string("bot[1-7]")], "hosts[1].bots", "7 (bot[1-7])"),
    (["name": .string("web"), "adress": .string("x")], "hosts[1].adress", "'adress'"),
    (["name": .string("web"), "transport": .string("shh")], "hosts[1].transport", "\"shh\""),
    (["name": .string("web"), "port": .string("22")], "hosts[1].port", "\"22\""),
    (["name": .string("web"), "tags": .table(["a": .array([])])], "hosts[1].tags.a", "{}"),
    (["name": .string("web"), "bots": .string("web")], "hosts[1].bots", "'web', which is also a host"),
    (["name": .string("web"), "user": .string("a\nb")], "hosts[1].user", "a text with the control character 10"),
  ])
  func `a wrong host is named`(fields: [String: Value], path: String, got: String) {
    let error = #expect(throws: DataError.self) { try Site(decoding: Sample.host(fields), sections: Sample.sections) }
    #expect(error?.path == path)
    #expect(error?.got == got)
  }

  @Test func `hints name the nearest key`() {
    let error = #expect(throws: DataError.self) {
      try Site(decoding: Sample.host(["name": .string("web"), "adress": .string("x")]), sections: Sample.sections)
    }
    #expect(error?.hint == "did you mean 'address'?")
  }

  @Test func `a host or a bot that is there twice is refused`() {
    func error(_ hosts: [[String: Value]]) -> DataError? {
      var table = Sample.table
      table["hosts"] = .array(hosts.map(Value.table))
      return #expect(throws: DataError.self) { try Site(decoding: .table(table), sections: Sample.sections) }
    }
    let host = error([["name": .string("a[1-2]")], ["name": .string("a2")]])
    #expect(host?.message == "hosts[2].name: expected a unique host name, got 'a2', which hosts[1] has too")
    let bot = error([
      ["name": .string("a"), "bots": .string("bot1")], ["name": .string("b"), "bots": .string("bot[1-2]")],
    ])
    #expect(bot?.message == "hosts[2].bots: expected each bot on one host, got 'bot1' on both 'a' and 'b'")
  }

  @Test func `a target may have the name of the group it means`() throws {
    var table = Sample.table
    table["targets"] = .table(["all": .string("@front"), "front": .string("@front")])
    let site = try Site(decoding: .table(table), sections: Sample.sections)
    #expect(try Selection.hosts("all", in: site).map(\.name) == ["web01", "web02", "web03", "db"])
    #expect(try Selection.hosts("front", in: site).map(\.name) == ["web01", "web02", "web03", "db"])
  }

  @Test func `a set value resolves groups and keeps unknown names`() throws {
    let resolver = try Sample.site().nameResolver
    #expect(try NameSet(parsing: "low,bot99,@front", resolver: resolver).folded == "bot[1-3,99],db,web[01-03]")
  }

  @Test func `any other value is refused`() {
    for value in [Value.null, .int(1), .array([]), .string("x")] {
      let error = #expect(throws: DataError.self) { try Site(decoding: value, sections: Sample.sections) }
      #expect(error?.message.hasPrefix("the site: expected a table") == true)
    }
  }

  @Test func `the error of a site carries the line`() {
    let locate = LuaFieldLocator(file: "site.lua", source: "return {\n  name = \"x\",\n  hosts = 5,\n}\n")
    let error = #expect(throws: DataError.self) {
      try Site(decoding: .table(["name": .string("x"), "hosts": .int(5)]), sections: Sample.sections) { locate($0) }
    }
    #expect(error?.message == "site.lua:3: hosts: expected a list of hosts, got 5")
  }
}
