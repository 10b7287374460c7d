package import PrimitiveKit

extension Domain {
  /// A domain of no use: it adds one of everything, to show what adding a domain takes.
  package static var shelves: Domain {
    var domain = Domain("shelves")
    domain.operations = [LabelShelf.self]
    domain.siteSections = [ShelfSettings.self]
    domain.systemSections = [SystemShelves.self]
    domain.configTypes = [
      ConfigType("shelf") { value, _ in if case .string = value { nil } else { "the name of a shelf" } }
    ]
    domain.lockKinds = [LockKind("shelf")]
    domain.checks = [
      Check(
        CheckDeclaration(
          "shelves.dust",
          "Days since somebody dusted",
          unit: "d",
          ok: [.below(7)],
          bad: [.from(30)],
          age: .seconds(60)
        )
      ) { call in
        call.surroundings.sections[ShelfSettings.self].shelves.keys.sorted().map { Measured(3, subject: $0) }
      }
    ]
    domain.hooks = [.labelled]
    domain.services = [Cabinets.driver]
    domain.guards = [ShelfGuard()]
    domain.gates = [ShelfGate()]
    domain.startFilters = [ShelfFilter()]
    domain.columns = [
      RecordColumn(of: "fleet.status", "shelf", "Where its papers are") { subjects, surroundings -> [String?] in
        let shelves = surroundings.sections[ShelfSettings.self].shelves
        return subjects.map { subject in shelves.first { $0.value.bots.contains(subject.bot) }?.key ?? "" }
      }
    ]
    domain.candidates = [
      CandidateKind(.named("shelves")) { $0.sections[ShelfSettings.self].shelves.keys.sorted() }
    ]
    domain.planLines = [ShelfLine()]
    domain.banner = [ShelfLine()]
    domain.commands = [
      Subcommand(
        "shelve",
        "lists the shelves",
        CommandArgument<String?>.word("SHELF", default: nil, "the only shelf to list", completion: .named("shelves")),
        exits: [CommandExit(.ok, "ok")],
        examples: [Example("opsh shelve east", "one shelf")]
      ) { call, shelf async throws(CallFailure) in
        let names = call.surroundings.sections[ShelfSettings.self].shelves.keys.sorted()
        return [.array(names.filter { shelf == nil || shelf == $0 }.map(Value.string))]
      }
    ]
    domain.primitives = { surroundings throws(CallFailure) in [ShelfPrimitives.label(surroundings)] }
    return domain
  }
}

/// `shelves = { NAME = { file = …, bots = … } }` of the site.
package struct ShelfSettings: SiteSection {
  package static let keys: [DataKey] = [DataKey("shelves", "Where the papers of bots are")]

  package struct Shelf: Sendable, Equatable {
    package let file: String
    package let bots: NameSet
  }

  package var shelves: [String: Shelf] = [:]

  package init() {}

  package init(reading file: DataField, in site: any SiteNames) throws(DataError) {
    for (name, field) in try file.optional("shelves")?.entries("a table of shelves by name") ?? [] {
      try field.allow(["bots", "file"])
      let bots = try field.set(try field.required("bots", "a set of bots").string("a set of bots"))
      let strange = bots.subtracting(site.botNames)
      guard strange.isEmpty else { throw field.wrong("bots of the site", hint: "not of the site: \(strange.folded)") }
      shelves[name] = Shelf(file: try field.required("file", "a path").string("a path"), bots: bots)
    }
  }
}

/// `shelves = "SET"` of a system: the bots that have papers.
package struct SystemShelves: SystemSection {
  package static let keys: [DataKey] = [DataKey("shelves", "The bots that have papers")]
  package var bots = NameSet()

  package init() {}

  package init(reading file: DataField, in site: any SiteNames) throws(DataError) {
    if let field = file.optional("shelves") { bots = try field.set(try field.string("a set of bots")) }
  }
}

/// Refuses a forbidden label, and cannot tell about a murky one.
private struct ShelfGuard: Guard {
  let name = "shelves"

  func judge(_ change: AdmittedOperation, in surroundings: Surroundings) async -> GuardAnswer {
    guard change.kind == LabelShelf.kind else { return .allow }
    if change.summary.contains("forbidden") { return .refuse("the word is forbidden", hint: "choose another word") }
    return change.summary.contains("murky") ? .unknown("the word is murky") : .allow
  }
}

/// Lets no runbook begin that is called `flood`, and stops after a wave with something wet in it.
private struct ShelfGate: Gate {
  let name = "shelves"

  func judge(_ point: GatePoint, in surroundings: Surroundings) async -> GuardAnswer {
    switch point {
    case .runbook("flood", _): .refuse("the cellar is under water", hint: "pump first")
    case .runbook("fog", _): .unknown("nobody can see the shelves")
    case .runbook, .cured: .allow
    case .wave(let done): done.contains { $0.hasPrefix("wet") } ? .refuse("the papers are wet") : .allow
    }
  }
}

private struct ShelfFilter: StartFilter {
  let name = "shelves"

  func mayStart(_ bot: String, by change: AdmittedOperation, in surroundings: Surroundings) async -> GuardAnswer {
    bot == "bot2" ? .refuse("its papers are out") : .allow
  }
}

private struct ShelfLine: PlanLine, BannerLine {
  func lines(of changes: [OperationRecord], in surroundings: Surroundings) async -> [String] {
    ["\(changes.count { $0.kind == LabelShelf.kind }) labels"]
  }

  func lines(in surroundings: Surroundings) async -> [String] {
    let count = surroundings.sections[ShelfSettings.self].shelves.count
    return ["\(count) shelves"]
  }
}
