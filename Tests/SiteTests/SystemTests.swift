import PrimitiveKit
import Site
import Testing

/// Systems of a site: which bot belongs to which, and in which kind.
struct SystemTests {
  /// Two hosts with a sidecar, a live bot and three traders each; the names of the second begin with `demo-`.
  static let site: [String: Value] = [
    "name": .string("lab"),
    "hosts": .array([
      .table(["name": .string("web1"), "bots": .string("sidecar,live,trader[1-3]")]),
      .table(["name": .string("web2"), "bots": .string("demo-sidecar,demo-live,demo-trader[1-3]")]),
    ]),
  ]

  static let kinds: [String: Value] = [
    "sidecar": .table([
      "role": .string("data"), "unit": .string("%s-%k.service"),
      "ready": .table(["log": .table(["has": .string("connected")]), "within": .string("30s")]),
    ]),
    "live": .table(["role": .string("trader"), "live": .bool(true), "needs": .array([.string("sidecar")])]),
    "trader*": .table(["role": .string("trader"), "needs": .array([.string("sidecar")]), "critical": .bool(false)]),
  ]

  static func sections(_ kinds: [String: Value], in site: Site) throws(DataError) -> DataSections {
    try DataSections([BotKinds.self], reading: DataField(.table(["bots": .table(kinds)])), in: site)
  }

  /// The systems that the site names, all served by plugins that say these kinds.
  static func catalog(_ systems: [String: Value], _ kinds: [String: Value] = kinds) throws -> SystemCatalog {
    var table = site
    table["systems"] = .table(systems)
    let site = try Site(decoding: .table(table), sections: [SystemSettings.self])
    let sections = try sections(kinds, in: site)
    return try SystemCatalog(
      site.sections[SystemSettings.self].entries.map { System($0, config: .table([:]), sections: sections) },
      in: site
    )
  }

  static func system(on: String, prefix: String = "") -> Value {
    .table(["plugin": .string("quant"), "on": .string(on), "prefix": .string(prefix)])
  }

  @Test func `a bot belongs to the system whose prefix and kind make its name on one of its hosts`() throws {
    let catalog = try Self.catalog(["quant": Self.system(on: "web1"), "demo": Self.system(on: "web2", prefix: "demo-")])
    #expect(catalog.systems.map(\.name) == ["demo", "quant"])
    let quant = try catalog.system("quant")
    #expect(quant.bots.folded == "live,sidecar,trader[1-3]")
    #expect(quant.botsByKind.mapValues(\.folded) == ["sidecar": "sidecar", "live": "live", "trader*": "trader[1-3]"])
    #expect(quant.botsByRole.mapValues(\.folded) == ["data": "sidecar", "trader": "live,trader[1-3]"])
    let home = try #require(catalog.home(of: "demo-trader2"))
    #expect(home.system.name == "demo" && home.member.kind.name == "trader*" && home.member.host == "web2")
    #expect(home.system.needs(of: home.member) == ["demo-sidecar"])
    #expect(catalog.isLive("demo-live") && !catalog.isLive("demo-sidecar") && !catalog.isCritical("trader1"))
  }

  @Test func `a bot of no kind, and one on another host, belongs to no system`() throws {
    let catalog = try Self.catalog(["quant": Self.system(on: "web1", prefix: "")], ["live": .table([:])])
    #expect(catalog.home(of: "sidecar") == nil && catalog.home(of: "demo-live") == nil)
    #expect(!catalog.isLive("sidecar") && catalog.isCritical("sidecar"))
  }

  @Test func `texts of a kind are filled in for each bot`() throws {
    let catalog = try Self.catalog(["demo": Self.system(on: "web2", prefix: "demo-")])
    let home = try #require(catalog.home(of: "demo-sidecar"))
    #expect(home.system.unit(of: home.member) == "demo-sidecar.service")
    #expect(home.system.expand("%b %k %s", for: "demo-live") == "demo-live live demo")
    #expect(home.system.readiness(of: home.member)?.words == "its log has \"connected\", within 30 s")
  }

  @Test func `two systems that claim one bot are a mistake that names both`() throws {
    let error = #expect(throws: DataError.self) {
      try Self.catalog(["quant": Self.system(on: "web1"), "other": Self.system(on: "web[1-2]")])
    }
    #expect(error?.path == "systems.quant")
    #expect(
      error?.message.contains("which the systems 'other' and 'quant' both claim") == true
        || error?.message.contains("which the systems 'quant' and 'other' both claim") == true
    )
    #expect(error?.hint == "give one of them other hosts (`on`) or another `prefix`")
  }

  @Test func `a kind of its own name comes before patterns, and two patterns are a mistake`() throws {
    let own = try Self.catalog(
      ["quant": Self.system(on: "web1")],
      ["trader*": .table([:]), "trader1": .table(["live": .bool(true)])]
    )
    #expect(own.isLive("trader1") && !own.isLive("trader2"))
    let error = #expect(throws: DataError.self) {
      try Self.catalog(["quant": Self.system(on: "web1")], ["trader*": .table([:]), "t*": .table([:])])
    }
    #expect(error?.message.contains("'trader1', which fits the kinds 't*' and 'trader*'") == true)
  }

  @Test func `an unknown system is told with the nearest one`() throws {
    let catalog = try Self.catalog(["quant": Self.system(on: "web1")])
    let failure = #expect(throws: CallFailure.self) { try catalog.system("quan") }
    #expect(failure?.code == "system.unknown" && failure?.hint?.contains("'quant'") == true)
  }

  @Test func `code of a plugin sees its own systems only`() throws {
    let catalog = try Self.catalog(["quant": Self.system(on: "web1")])
    #expect(catalog.seen(by: "other").systems.isEmpty && catalog.seen(by: "other").home(of: "live") == nil)
    #expect(catalog.seen(by: "quant").home(of: "live")?.member.kind.isLive == true)
    #expect(catalog.seen(by: nil) == catalog)
  }

  /// Sections `bots` that are wrong, where, and what is said.
  static let wrong: [(kinds: [String: Value], path: String, words: String)] = [
    (["a": .table(["needs": .array([.string("a")])])], "bots.a.needs", "got a needs a"),
    (
      [
        "a": .table(["needs": .array([.string("b")])]), "b": .table(["needs": .array([.string("c")])]),
        "c": .table(["needs": .array([.string("a")])]),
      ], "bots.a.needs", "got a needs b needs c needs a"
    ),
    (["live": .table(["needs": .string("sidcar")]), "sidecar": .table([:])], "bots.live.needs", "got 'sidcar'"),
    (["live": .table(["liv": .bool(true)])], "bots.live.liv", "got 'liv'"),
    (["live": .table(["live": .string("yes")])], "bots.live.live", "expected true or false"),
    (["live": .table(["unit": .string("%h.service")])], "bots.live.unit", "no other %…"),
    (["a[": .table([:])], "bots[\"a[\"]", "the name of a kind"),
    (["live": .table(["ready": .table([:])])], "bots.live.ready", "at least one of"),
    (["live": .table(["ready": .table(["log": .table([:])])])], "bots.live.ready.log", "`has`, `pattern`"),
    (["live": .table(["ready": .table(["port": .int(0)])])], "bots.live.ready.port", "from 1 to 65535"),
    (["live": .table(["ready": .table(["unit": .string("active")])])], "bots.live.ready.unit", "has no `unit`"),
    (
      ["live": .table(["ready": .table(["http": .table(["port": .int(80), "path": .string("x")])])])],
      "bots.live.ready.http.path", "begins with /"
    ),
    (["live": .table(["ready": .table(["file": .table(["path": .string("f")])])])], "bots.live.ready.file.age", "old"),
    (["live": .table(["ready": .table(["port": .int(1), "within": .string("soon")])])], "bots.live.ready.within", ""),
  ]

  @Test(arguments: wrong.indices) func `what is wrong with a kind is told with its field`(_ index: Int) throws {
    let wrong = Self.wrong[index]
    let site = try Site(decoding: .table(Self.site))
    let error = #expect(throws: DataError.self) { try Self.sections(wrong.kinds, in: site) }
    #expect(error?.path == wrong.path)
    #expect(error?.message.contains(wrong.words) == true, "\(error?.message ?? "")")
  }

  @Test func `a need that no kind has names the nearest`() throws {
    let site = try Site(decoding: .table(Self.site))
    let error = #expect(throws: DataError.self) {
      try Self.sections(["live": .table(["needs": .string("sidcar")]), "sidecar": .table([:])], in: site)
    }
    #expect(error?.hint == "did you mean 'sidecar'?")
  }

  /// Systems that are wrong, and the field.
  static let wrongSystems: [(Value, String)] = [
    (.table(["on": .string("web1")]), "systems.quant.plugin"),
    (.table(["plugin": .string("quant")]), "systems.quant.on"),
    (.table(["plugin": .string("quant"), "on": .string("web9")]), "systems.quant.on"),
    (.table(["plugin": .string("quant"), "on": .string("web1"), "prefix": .int(3)]), "systems.quant.prefix"),
    (.string("quant"), "systems.quant"),
  ]

  @Test(arguments: wrongSystems) func `what is wrong with a system is told with its field`(
    _ system: Value,
    _ path: String
  )
    throws
  {
    var table = Self.site
    table["systems"] = .table(["quant": system])
    let error = #expect(throws: DataError.self) {
      try Site(decoding: .table(table), sections: [SystemSettings.self])
    }
    #expect(error?.path == path, "\(error?.message ?? "")")
  }
}
