package import PrimitiveKit

/// A system as an argument: itself or its name.
package struct SystemName: ValueConvertible, Equatable {
  package let name: String

  package init(_ name: String) { self.name = name }

  package static var luaType: String { "opsh.System|string" }
  package static var completion: Completion { .named("systems") }

  package init(_ value: Value) throws(ConversionError) {
    guard case .string(let name) = value, !name.isEmpty else {
      throw ConversionError(expected: "a system or its name", found: value, hint: "`systems()` lists them")
    }
    self.name = name
  }

  /// The frozen table that Lua gets.
  package var value: Value { .handle(Value.Handle("system", name)) }
}

/// A system as scripts hold it.
struct SystemHandle: ValueConvertible {
  let name: String

  static var luaType: String { "opsh.System" }
  static var fields: [FieldInfo] {
    [
      FieldInfo("name", "string", "Name"), FieldInfo("config", "table", "Its settings"),
      FieldInfo("hosts", "set", "Its hosts"), FieldInfo("bots", "set", "Its bots"),
      FieldInfo("kinds", "table<string, set>", "The bots of each kind"),
      FieldInfo("roles", "table<string, set>", "The bots in each role"),
    ]
  }

  init(name: String) { self.name = name }
  init(_ value: Value) throws(ConversionError) { name = try SystemName(value).name }

  var value: Value { SystemName(name).value }
}

/// A system as `systems()` lists it.
struct SystemRecord: Record, Sendable {
  let system: System

  static var luaType: String { "opsh.SystemEntry" }
  static let columns: [Column<Self>] = [
    Column(\.system.name, "name", "Name"),
    Column(\.system.plugin, "plugin", "The plugin that serves it"),
    Column("hosts", "Its hosts, folded") { NameSet(names: $0.system.hosts).folded },
    Column("bots", "Its bots, folded") { $0.system.bots.folded },
    Column("live", "Those of them that are live, folded") { record in
      NameSet(names: record.system.members.filter(\.kind.isLive).map(\.bot)).folded
    },
    Column("note", "Why nothing is known of its bots") { $0.system.problem ?? "" },
  ]
}

extension Domain {
  /// Systems: products of the site, each served by a plugin.
  package static var systems: Domain {
    var domain = Domain("systems")
    domain.siteSections = [SystemSettings.self]
    domain.systemSections = [BotKinds.self]
    domain.lockKinds = [
      LockKind("system") { surroundings in
        // A site without systems may still lock what its runbooks call one.
        let names = surroundings.catalogOfSystems.systems.map(\.name)
        return names.isEmpty ? nil : names
      }
    ]
    domain.candidates = [CandidateKind(.named("systems")) { $0.catalogOfSystems.systems.map(\.name) }]
    domain.primitives = { surroundings throws(CallFailure) in
      SystemPrimitives(catalog: surroundings.catalogOfSystems).all
    }
    domain.access = { ["systems", "opsh_system_members"].contains($0.name) ? .effects(on: "hosts") : .anybody }
    return domain
  }
}

/// What is asked about systems; what handles read of them, too.
struct SystemPrimitives {
  let catalog: SystemCatalog

  var all: [Primitive] { [list, get, config, members] }

  private var name: Parameter<SystemName> { Parameter("name", "A system, as `systems()` lists it") }

  private var list: Primitive {
    Primitive(
      immediate: "systems",
      "Lists the systems of the site with their hosts and bots.",
      returns: "One record per system; in code of a plugin those that it serves",
      examples: [Example("systems()", "which products there are, and which bots are live")],
      topics: ["product", "live", "inventory"]
    ) { [catalog] () throws(CallFailure) in
      catalog.seen(by: CallContext.current.plugin).systems.map { SystemRecord(system: $0) }
    }
  }

  private var get: Primitive {
    Primitive(
      immediate: "systems.get",
      "Gets a system: its name, config, hosts and bots, and the bots of each kind and role as sets.",
      name,
      returns: "The system, which every call takes where it wants one, and which cannot be changed",
      examples: [
        Example("for _, entry in ipairs(systems()) do print(systems.get(entry.name).bots) end", "the bots of each")
      ],
      topics: ["kinds", "roles", "handle"]
    ) { [catalog] name throws(CallFailure) in
      SystemHandle(name: try catalog.seen(by: CallContext.current.plugin).system(name.name).name)
    }
  }

  private var config: Primitive {
    Primitive(
      immediate: "opsh_system_config",
      "Reads the settings of a system",
      name,
      returns: "Its settings, defaults included",
      examples: [Example("opsh_system_config(\"rocky\")", "what the site says of it")]
    ) { [catalog] name throws(CallFailure) in
      try catalog.seen(by: CallContext.current.plugin).system(name.name).config
    }
  }

  private var members: Primitive {
    Primitive(
      immediate: "opsh_system_members",
      "Reads the hosts and bots of a system",
      name,
      returns: "Folded sets: hosts, bots, kinds and roles",
      examples: [Example("opsh_system_members(\"rocky\")", "who belongs to it")]
    ) { [catalog] name throws(CallFailure) -> Value in
      let system = try catalog.seen(by: CallContext.current.plugin).system(name.name)
      return .table([
        "hosts": .string(NameSet(names: system.hosts).folded),
        "bots": .string(system.bots.folded),
        "kinds": .table(system.botsByKind.mapValues { .string($0.folded) }),
        "roles": .table(system.botsByRole.mapValues { .string($0.folded) }),
      ])
    }
  }
}
