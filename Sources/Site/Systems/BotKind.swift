package import PrimitiveKit

/// What a plugin says of one kind of bot of its system.
package struct BotKind: Sendable, Equatable {
  /// A name, or a pattern of names such as `bot*`; after the system's prefix it is the name of a bot.
  package let name: String
  /// The unit that runs it, with `%b`, `%k` and `%s` in it; nil where it has none.
  package var unit: String?
  package var role: String?
  /// Whether it trades for real: whoever starts or restarts a selection must name it.
  package var isLive = false
  /// Whether its failure fails the run.
  package var isCritical = true
  /// Kinds that must be up and ready before it starts.
  package var needs: [String] = []
  /// What shows that it works after a start; nil where running is enough.
  package var ready: Readiness?

  package init(name: String) { self.name = name }
}

/// The kinds of bots of a system: the section `bots` of a plugin's `system.lua`.
package struct BotKinds: SystemSection {
  package static let keys: [DataKey] = [
    DataKey("bots", "The kinds of bots: role, live, critical, needs, ready")
  ]

  /// By name.
  package private(set) var kinds: [BotKind] = []

  package init() {}

  package init(reading file: DataField, in site: any SiteNames) throws(DataError) {
    let entries = try file.optional("bots")?.entries("a table of kinds of bots by name") ?? []
    let names = entries.map(\.key)
    for (name, field) in entries {
      try BotKinds.checkPattern(name, field)
      _ = try field.entries("the table of a kind, such as { role = \"engine\" }")
      try field.allow(["critical", "live", "needs", "ready", "role", "unit"])
      var kind = BotKind(name: name)
      kind.unit = try field.optional("unit")?.template("the name of a unit")
      kind.role = try field.optional("role")?.plainName("the name of a role")
      kind.isLive = try field.optional("live")?.bool() ?? false
      kind.isCritical = try field.optional("critical")?.bool() ?? true
      kind.needs = try BotKinds.needs(field.optional("needs"), of: name, among: names)
      kind.ready = try field.optional("ready").map { (ready) throws(DataError) in
        try Readiness(reading: ready, unit: kind.unit)
      }
      kinds.append(kind)
    }
    try checkCycles(file)
  }

  /// The kind of this name.
  package subscript(name: String) -> BotKind? { kinds.first { $0.name == name } }

  /// The kind of a bot, by its name without the system's prefix; nil for a bot of no kind.
  ///
  /// A kind of that very name comes before patterns. Throws the patterns when several fit.
  func kind(of name: String) throws(KindClash) -> BotKind? {
    if let own = self[name] { return own }
    let fitting = kinds.filter { BotKinds.fits(name, $0.name) }
    guard fitting.count < 2 else { throw KindClash(kinds: fitting.map(\.name)) }
    return fitting.first
  }

  /// A bot of each kind, by names such as a site may have: `trader1` of `trader*`; none of a kind that no such name fits.
  package var samples: [String] { kinds.compactMap(sample) }

  private func sample(of kind: BotKind) -> String? {
    for digit in "123456789" {
      let resolver = OneName(all: [String(kind.name.map { "*?".contains($0) ? digit : $0 })])
      guard let name = (try? NameSet(parsing: kind.name, resolver: resolver))?.names.first else { continue }
      if (try? self.kind(of: name)) == kind { return name }
    }
    return nil
  }

  /// Several patterns fit one bot.
  struct KindClash: Error {
    let kinds: [String]
  }

  private static func fits(_ name: String, _ pattern: String) -> Bool {
    (try? NameSet(parsing: pattern, resolver: OneName(all: [name])))?.contains(name) ?? false
  }

  /// The language of sets over the bots of one system, which has neither groups nor tags.
  private struct OneName: NameResolver {
    let all: [String]
    var groups: [String] { [] }
    func group(_ name: String) -> [String]? { nil }
    func tagged(_ key: String, _ value: String) -> [String] { [] }
  }

  private static func checkPattern(_ name: String, _ field: DataField) throws(DataError) {
    do throws(NameSetError) {
      _ = try NameSet(parsing: name, resolver: OneName(all: []))
    } catch {
      throw DataError(
        path: field.path,
        expected: "the name of a kind, or a pattern such as bot*",
        got: "'\(name)': \(error.message)",
        hint: error.hint
      )
    }
  }

  private static func needs(_ field: DataField?, of name: String, among names: [String]) throws(DataError) -> [String] {
    guard let field else { return [] }
    let needs = try field.texts("a list of kinds")
    for need in needs where !names.contains(need) {
      throw DataError(
        path: field.path,
        expected: "kinds of this file",
        got: "'\(need)'",
        hint: NearestName.question(for: need, in: names) ?? "the kinds are \(names.joined(separator: ", "))"
      )
    }
    return needs
  }

  /// Throws the first cycle that `needs` form, as `live needs sidecar needs live`.
  private func checkCycles(_ file: DataField) throws(DataError) {
    var done: Set<String> = []
    for kind in kinds {
      guard let cycle = cycle(from: kind.name, [], &done) else { continue }
      let bots = DataField(file.value["bots"], path: "bots")
      let path = bots.optional(cycle[0])?.optional("needs")?.path ?? "bots"
      throw DataError(
        path: path,
        expected: "needs without a cycle",
        got: cycle.joined(separator: " needs "),
        hint: "remove one of them: no bot of a cycle could start first"
      )
    }
  }

  private func cycle(from name: String, _ way: [String], _ done: inout Set<String>) -> [String]? {
    if let start = way.firstIndex(of: name) { return way[start...] + [name] }
    guard !done.contains(name), let kind = self[name] else { return nil }
    for need in kind.needs {
      if let found = cycle(from: need, way + [name], &done) { return found }
    }
    done.insert(name)
    return nil
  }
}

extension DataField {
  /// A text in which `%b` is the bot, `%k` its name without the prefix and `%s` the system.
  func template(_ expected: String) throws(DataError) -> String {
    let text = try string(expected)
    var rest = text[...]
    while let percent = rest.firstIndex(of: "%") {
      let next = rest[rest.index(after: percent)...].first
      guard let next, "bks".contains(next) else {
        throw wrong(
          "\(expected) with no other %… than %b, %k and %s",
          hint: "%b is the bot, %k its kind, %s the system"
        )
      }
      rest = rest[percent...].dropFirst(2)
    }
    return text
  }
}
