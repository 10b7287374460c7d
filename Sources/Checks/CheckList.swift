import PrimitiveKit

/// The checks of a session, as its site judges them.
struct CheckList: Sendable {
  /// By name, with those that cannot be measured because of what the site says of them.
  let checks: [JudgedCheck]
  /// What is wrong with routes: a name or pattern that no check has would tell nobody, which looks like health.
  let routeProblems: [CallFailure]
  /// What is wrong with gates: one that no check has would stop everything where it is asked first.
  private(set) var gateProblems: [CallFailure] = []

  /// An override that cannot hold makes its check UNKNOWN; the rest are as good as ever.
  init(_ known: [Check], _ settings: CheckSettings) {
    let known = known.filter { check in
      let name = check.declaration.name
      if check.isOptional {
        let isRouted = settings.routes.contains { $0.checks.contains(name) }
        return isRouted || settings.overrides[name] != nil || settings.gates.contains(name)
      }
      // Without routes nobody has to watch.
      return !settings.routes.isEmpty || !WatchChecks.names.contains(name)
    }
    var names = known.map(\.declaration.name)
    var judged = known.map { check in
      let name = check.declaration.name
      return JudgedCheck(check, overridden: settings.overrides[name], twice: settings.own[name])
    }
    for check in settings.own.values where !names.contains(check.declaration.name) {
      judged.append(JudgedCheck(check.check))
    }
    names += settings.own.keys
    for (name, override) in settings.overrides where !names.contains(name) {
      judged.append(JudgedCheck(missing: name, override, names))
    }
    checks = judged.sorted { $0.declaration.name < $1.declaration.name }
    routeProblems = settings.routes.flatMap { $0.problems(among: judged.map(\.declaration.name)) }
    gateProblems = settings.gates.filter { !has($0) }.map { gate in
      CallFailure(
        .invalid,
        code: "check.unknown",
        message: "site.lua: gates: no check is called '\(gate)'",
        hint: CheckList.question(for: gate, in: checks.map(\.declaration.name)) ?? "`checks()` lists them"
      )
    }
  }

  /// What is wrong with overrides of the site, in the order of the names, with its gates and with its routes.
  var problems: [CallFailure] { checks.compactMap(\.problem) + gateProblems + routeProblems }

  /// Whether a name or a pattern selects any.
  func has(_ pattern: String) -> Bool { checks.contains(where: CheckSelection(pattern).takes) }

  /// What somebody may have meant: the nearest name, else the one check of that name of another system.
  ///
  /// A check of a plugin that serves systems is called by the system, not by the plugin.
  static func question(for name: String, in names: [String]) -> String? {
    if let near = NearestName.question(for: name, in: names) { return near }
    guard let dot = name.firstIndex(of: ".") else { return nil }
    let same = names.filter { $0.hasSuffix(name[dot...]) }
    return same.isEmpty ? nil : "did you mean \(same.prefix(3).map { "'\($0)'" }.joined(separator: " or "))?"
  }

  /// Those that names or patterns such as `host.*` select.
  ///
  /// Throws `check.unknown` for one that selects nothing, with the nearest name, and for no name at all.
  func selected(by patterns: [String]) throws(CallFailure) -> [JudgedCheck] {
    let names = checks.map(\.declaration.name)
    for pattern in patterns where !has(pattern) {
      throw CallFailure(
        .invalid,
        code: "check.unknown",
        message: names.isEmpty ? "this site has no checks" : "no check is called '\(pattern)'",
        hint: CheckList.question(for: pattern, in: names)
          ?? (names.isEmpty ? nil : "the checks are \(names.joined(separator: ", "))")
      )
    }
    guard !patterns.isEmpty else {
      throw CallFailure(
        .invalid,
        code: "check.unknown",
        message: "no check is named",
        hint: "`checks()` lists them; \"*\" means all"
      )
    }
    let selections = patterns.map { CheckSelection($0) }
    return checks.filter { check in selections.contains { $0.takes(check) } }
  }
}

/// A name or a pattern of checks.
private struct CheckSelection {
  private let pattern: String

  init(_ pattern: String) { self.pattern = pattern }

  /// Whether it selects the check, or an unknown one that the check stands for.
  func takes(_ check: JudgedCheck) -> Bool {
    if Wildcard(pattern).matches(check.declaration.name) { return true }
    return check.check.standsFor.map { mayMean("\($0).") } ?? false
  }

  /// Whether it selects some name that begins so.
  private func mayMean(_ beginning: String) -> Bool {
    var rest = pattern[...]
    for scalar in beginning {
      guard let next = rest.popFirst() else { return false }
      if next == "*" { return true }
      guard next == "?" || next == scalar else { return false }
    }
    return !rest.isEmpty
  }
}

extension Surroundings {
  /// The checks of the session, as its site judges them.
  var checkList: CheckList { CheckList(checks, sections[CheckSettings.self]) }
}

/// A check as one site judges it.
struct JudgedCheck: Sendable {
  let check: Check
  /// With what the site overrides.
  let declaration: CheckDeclaration
  /// Why it cannot be judged; nil when it can.
  let problem: CallFailure?

  /// Whether the site judges otherwise than the author; how often it looks is no judgement.
  var isOverridden: Bool {
    var author = check.declaration
    author.every = declaration.every
    return declaration != author
  }

  init(_ check: Check, overridden override: CheckOverride? = nil, twice: SiteCheck? = nil) {
    self.check = check
    var declaration = check.declaration
    if let override { declaration.apply(override) }
    self.declaration = declaration
    if let twice {
      problem = CallFailure(
        .invalid,
        code: "check.duplicate",
        message: "site.lua: \(twice.path): there is already a check called '\(declaration.name)'",
        hint: "give it another name, or leave `kind` out to override the existing one"
      )
      return
    }
    problem = declaration.flaw.map { flaw in
      CallFailure(
        .invalid,
        code: "check.invalid",
        message: override.map { "site.lua: \($0.path): \(flaw)" } ?? "the check '\(declaration.name)': \(flaw)",
        hint: override == nil ? nil : "the check's author says: \(check.declaration.boundary(of: .warn))"
      )
    }
  }

  /// A check that the site speaks of and nothing provides.
  fileprivate init(missing name: String, _ override: CheckOverride, _ names: [String]) {
    let problem = CallFailure(
      .invalid,
      code: "check.unknown",
      message: "site.lua: \(override.path): no check is called '\(name)'",
      hint: CheckList.question(for: name, in: names) ?? "`checks()` lists them"
    )
    var declaration = CheckDeclaration(name, "Nothing: the site overrides a check that does not exist", ok: [])
    check = Check(declaration) { _ throws(CallFailure) in throw problem }
    declaration.apply(override)
    self.declaration = declaration
    self.problem = problem
  }
}
