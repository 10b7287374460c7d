/// The domains of one process: everything that they add, collected once.
package struct DomainSet: Sendable {
  package let domains: [Domain]

  /// Throws `domain.duplicate` when two domains add the same thing under one name.
  package init(_ domains: [Domain]) throws(CallFailure) {
    self.domains = domains
    try DomainSet.check("domain", domains.map(\.name))
    try DomainSet.check("key of the site", siteSections.flatMap { $0.keys }.map(\.name))
    try DomainSet.check("key of a system", systemSections.flatMap { $0.keys }.map(\.name))
    try DomainSet.check("kind of operation", operations.map { $0.kind })
    try DomainSet.check("kind of lock", lockKinds.kinds.map(\.name))
    try DomainSet.check("type of a setting", configTypes.map(\.name))
    try DomainSet.check("check", checks.map(\.declaration.name))
    try DomainSet.check("hook", hooks.map(\.name))
    try DomainSet.check("service", services.map(\.name))
    try DomainSet.check("gate", domains.flatMap(\.gates).map(\.name))
    try DomainSet.check("command", commands.map(\.info.name))
    try DomainSet.check(options: commands.flatMap(\.info.options))
    try DomainSet.check("shape", domains.flatMap(\.shapes).map(\.name))
    try DomainSet.check("function", domains.flatMap(\.functions).map(\.name))
    try DomainSet.check("column", columns.map { "\($0.primitive).\($0.field.name)" })
  }

  package var operations: [any Operation.Type] { domains.flatMap(\.operations) }
  package var siteSections: [any SiteSection.Type] { domains.flatMap(\.siteSections) }
  package var systemSections: [any SystemSection.Type] { domains.flatMap(\.systemSections) }
  package var configTypes: [ConfigType] { domains.flatMap(\.configTypes) }
  package var checks: [Check] {
    domains.flatMap(\.checks).sorted { $0.declaration.name < $1.declaration.name }
  }
  package var hooks: [HookPoint] { domains.flatMap(\.hooks).sorted { $0.name < $1.name } }
  package var services: [ServiceDriver] { domains.flatMap(\.services) }
  package var lockKinds: LockKinds { LockKinds(domains.flatMap(\.lockKinds)) }
  package var columns: [RecordColumn] { domains.flatMap(\.columns) }
  package var commands: [Subcommand] { domains.flatMap(\.commands) }

  /// Every table and handle, those of data files included.
  package var shapes: [LuaShape] {
    domains.flatMap(\.shapes)
      + [
        LuaShape("opsh.System", "What `system.lua` of a plugin returns", fields: DomainSet.fields(systemSections))
      ].filter { !$0.fields.isEmpty }
  }

  package var functions: [LuaFunction] { domains.flatMap(\.functions) }

  // Data files declare what a key says, and check its type when it is read.
  private static func fields(_ sections: [any DataSection.Type]) -> [FieldInfo] {
    sections.flatMap { $0.keys }.sorted { $0.name < $1.name }.map { FieldInfo($0.name, "any", $0.help) }
  }

  /// The surroundings in which every change is judged by the guards of all domains.
  ///
  /// Their checks join those that are there already, such as those of plugins.
  package func guarding(_ surroundings: Surroundings) -> Surroundings {
    var guarded = surroundings
    let checks = (checks + surroundings.checks).sorted { $0.declaration.name < $1.declaration.name }
    // A guard looks; what it looks at is not guarded again.
    var seen = surroundings
    seen.world = surroundings.world.dry
    seen.checks = checks
    let rules = Rules(
      guards: domains.flatMap(\.guards),
      filters: domains.flatMap(\.startFilters),
      gates: domains.flatMap(\.gates),
      seen
    )
    guarded.world = surroundings.world.judged(by: rules)
    guarded.lockKinds = lockKinds.known(in: surroundings)
    guarded.checks = checks
    return guarded
  }

  /// Every primitive, with the columns that other domains add to its records.
  package func primitives(in surroundings: Surroundings) throws(CallFailure) -> [Primitive] {
    var primitives: [Primitive] = []
    for domain in domains {
      for var primitive in try domain.primitives(surroundings) {
        primitive.access = domain.access(primitive.info)
        primitive.info.family = domain.name
        primitive.info.errors = domain.errors(primitive.info)
        primitives.append(primitive)
      }
    }
    let columns = columns
    return primitives.map { $0.adding(columns, in: surroundings) }
  }

  /// The names of a kind that begin with what is typed.
  package func candidates(
    for kind: Completion,
    startingWith typed: String,
    in surroundings: Surroundings
  ) -> [String] {
    let sources = domains.flatMap(\.candidates).filter { $0.kind == kind }
    return sources.flatMap { $0.names(surroundings) }.filter { $0.hasPrefix(typed) }
  }

  /// Asks for every name once, so that what is not in memory yet is there for the first key.
  package func warm(in surroundings: Surroundings) {
    for kind in domains.flatMap(\.candidates) { _ = kind.names(surroundings) }
  }

  /// What is told of newer locks.
  package func fences(in surroundings: Surroundings) -> EpochFences {
    EpochFences(domains.flatMap(\.fences), in: surroundings)
  }

  /// What every plan says besides its operations.
  package func planLines(of changes: [OperationRecord], in surroundings: Surroundings) async -> [String] {
    var lines: [String] = []
    for line in domains.flatMap(\.planLines) { lines += await line.lines(of: changes, in: surroundings) }
    return lines
  }

  /// What the domains say when a session begins.
  package func banner(in surroundings: Surroundings) async -> [String] {
    var lines: [String] = []
    for line in domains.flatMap(\.banner) { lines += await line.lines(in: surroundings) }
    return lines
  }

  /// Reads what a plugin says of a system; throws a `DataError` for a key that no domain reads, naming the nearest.
  package func system(_ value: Value, in site: any SiteNames) throws(DataError) -> DataSections {
    let file = DataField(value)
    try file.allow(systemSections.flatMap { $0.keys }.map(\.name))
    return try DataSections(systemSections, reading: file, in: site)
  }

  // Options stand before or after the command, so one name means one thing everywhere.
  private static func check(options: [CommandArgumentInfo]) throws(CallFailure) {
    for (first, second) in zip(options.sorted { $0.name < $1.name }, options.sorted { $0.name < $1.name }.dropFirst())
    where first.name == second.name && (first.place, first.letter) != (second.place, second.letter) {
      throw CallFailure(
        .defect,
        code: "domain.duplicate",
        message: "two commands declare the option '--\(first.name)' differently"
      )
    }
  }

  static func check(_ what: String, _ names: [String]) throws(CallFailure) {
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw CallFailure(.defect, code: "domain.duplicate", message: "two domains add the \(what) '\(name)'")
    }
  }
}
