package import PrimitiveKit

/// Who is told of which findings, as the site says it.
struct Route: Sendable, Equatable {
  /// Seconds until a finding that lasts is told again, unless the route says otherwise.
  static let usualPace = Duration.seconds(4 * 3600)

  /// As it is written in the file, for errors.
  let path: String
  /// WARN takes what is worse, too; BAD takes BAD; UNKNOWN takes nothing else.
  let level: CheckLevel
  /// Names or patterns of checks.
  private(set) var checks: [String]
  /// Names of notifiers, with the field that names each.
  private(set) var to: [Target]
  /// When a finding that lasts is told again.
  let again: Duration
  /// Whether UNKNOWN is told as BAD is: what nobody can see may be as bad.
  private(set) var takesUnknown: Bool

  /// A notifier, and the field that names it.
  struct Target: Sendable, Equatable {
    let name: String
    let path: String
  }

  init(reading field: DataField) throws(DataError) {
    path = field.path
    try field.allow(["again", "check", "level", "to", "unknown"])
    let levels = ["BAD", "WARN", "UNKNOWN"]
    let word = try field.required("level", "from which level on: \(levels.joined(separator: ", "))")
    let text = try word.string("a level").uppercased()
    guard levels.contains(text), let level = CheckLevel(rawValue: text) else {
      throw word.wrong(
        "one of \(levels.joined(separator: ", "))",
        hint: NearestName.question(for: text, in: levels)
      )
    }
    self.level = level
    checks = try field.optional("check")?.texts("the name of a check, a pattern, or a list of them") ?? ["*"]
    let to = try field.required("to", "who is told: a list of notifiers")
    var targets: [Target] = []
    if case .string = to.value {
      targets = [Target(name: try to.string("a notifier"), path: to.path)]
    } else {
      for entry in try to.list("a list of notifiers") {
        targets.append(Target(name: try entry.string("the name of a notifier"), path: entry.path))
      }
    }
    if targets.isEmpty { throw to.wrong("at least one notifier") }
    self.to = targets
    let pace = field.optional("again")
    again = try pace?.length() ?? Route.usualPace
    if let pace, again < .seconds(60) { throw pace.wrong("at least 1 min, such as \"4h\"") }
    let unknown = field.optional("unknown")
    takesUnknown = try unknown?.bool() ?? true
    if let unknown, level == .unknown { throw unknown.wrong("nothing where `level` is \"UNKNOWN\"") }
  }

  /// Whether somebody is to be told of this level of a check.
  func takes(_ check: String, _ level: CheckLevel) -> Bool {
    let isTaken =
      switch level {
      case .ok: false
      case .warn: self.level == .warn
      case .bad: self.level != .unknown
      case .unknown: takesUnknown
      }
    return isTaken && names(check)
  }

  /// Whether it is about this check at all.
  func names(_ check: String) -> Bool { checks.contains { Wildcard($0).matches(check) } }

  /// One for each of its names and patterns that selects none of these checks.
  func problems(among names: [String]) -> [CallFailure] {
    let families = Set(names.compactMap { $0.split(separator: ".").first.map { "\($0).*" } })
    return checks.filter { pattern in !names.contains(where: Wildcard(pattern).matches) }.map { pattern in
      CallFailure(
        .invalid,
        code: "check.unknown",
        message: "site.lua: \(path).check: no check is called '\(pattern)'",
        hint: CheckList.question(for: pattern, in: names + families.sorted()) ?? "`checks()` lists them"
      )
    }
  }

  /// The same route with one name for each notifier, however the site writes it.
  func naming(_ notifiers: Notifiers) -> Route {
    var route = self
    route.to = to.map { Target(name: notifiers.name(of: $0.name), path: $0.path) }
    return route
  }

  /// The same route for what it cannot tell itself: that some of its names select nothing.
  var ofItself: Route {
    var route = self
    route.checks = [WatchChecks.routes.declaration.name]
    route.takesUnknown = true
    return route
  }
}

/// A program of the site that is told of findings.
package struct NotifierProgram: Sendable, Equatable {
  package let name: String
  /// The program and its arguments.
  package let command: [String]
  /// When it must have ended.
  package let deadline: Duration

  init(reading field: DataField, name: String) throws(DataError) {
    self.name = name
    try field.check(names: [name])
    try field.allow(["deadline", "program"])
    let program = try field.required("program", "a program, or a list of a program and its arguments")
    command = try program.texts("a program, or a list of a program and its arguments")
    if command.isEmpty { throw program.wrong("a program, or a list of a program and its arguments") }
    let limit = field.optional("deadline")
    deadline = try limit?.length() ?? .seconds(15)
    if let limit, deadline > .seconds(300) { throw limit.wrong("at most 5 min") }
  }
}

extension CheckSettings {
  /// Throws a `DataError` for the first route to a notifier that does not exist.
  package func check(notifiers: [String]) throws(DataError) {
    for target in routes.flatMap(\.to) where !notifiers.contains(target.name) {
      throw DataError(
        path: target.path,
        expected: "a notifier",
        got: "'\(target.name)'",
        hint: NearestName.question(for: target.name, in: notifiers)
          ?? (notifiers.isEmpty
            ? "name a program: notifiers = { \(target.name) = { program = { \"/path/of/it\" } } }"
            : "the notifiers are \(notifiers.joined(separator: ", "))")
      )
    }
  }
}
