import Foundations
import PrimitiveKit

/// `check`, `check.soak`, `check.watch`, `checks`, `why` and `gate`.
struct CheckPrimitives: Sendable {
  let surroundings: Surroundings

  var all: [Primitive] { [check, checks, why, gate, soak, watch] }

  private static let names = Parameter<CheckNames>(
    "names",
    default: CheckNames(patterns: ["*"]),
    "Names of checks, or patterns such as `host.*`"
  )

  private var check: Primitive {
    Primitive(
      "check",
      "Measures checks side by side and judges what they find.",
      effect: .reads,
      CheckPrimitives.names,
      returns: "The findings, the worst first",
      examples: [Example(#"check "host.clock""#, "one check"), Example("check()", "all of them")],
      topics: ["monitor", "health", "metrics", "probe"]
    ) { names async throws(CallFailure) in
      let checks = try self.surroundings.checkList.selected(by: names.patterns)
      return try await PlannedFindings(of: checks, by: "check", self.surroundings) { findings in
        self.surroundings.dialogue.say((findings.lines + [findings.summary]).joined(separator: "\n"))
        self.surroundings.dialogue.shown(findings.value)
      }
    }
  }

  private var checks: Primitive {
    Primitive(
      immediate: "checks",
      "Lists the checks, and what this site calls OK and BAD.",
      returns: "One record per check",
      examples: [Example("checks()", "what can be checked")],
      topics: ["monitor", "thresholds"]
    ) { () throws(CallFailure) in
      self.surroundings.checkList.checks.map(CheckRecord.init)
    }
  }

  private var why: Primitive {
    Primitive(
      "why",
      "Tells the story behind a check: what it finds now, from what, and who is responsible.",
      effect: .reads,
      Parameter<CheckNames>("name", "Name of the check"),
      returns: "The findings, the worst first",
      examples: [Example(#"why "host.clock""#, "what the clocks say")],
      topics: ["explain", "evidence", "incident"]
    ) { name async throws(CallFailure) in
      let checks = try self.surroundings.checkList.selected(by: name.patterns)
      let findings = try await CheckRunner(self.surroundings).findings(of: checks)
      for check in checks { self.surroundings.dialogue.say(check.story(findings)) }
      self.surroundings.dialogue.shown(findings.value)
      return findings
    }
  }

  private var gate: Primitive {
    Primitive(
      "gate",
      "Raises unless every finding is OK; UNKNOWN is not OK.",
      effect: .reads,
      Parameter<CheckNames>("names", "Names of checks, or patterns such as `host.*`"),
      Parameter<Bool>("warn", default: false, "Whether WARN passes too"),
      returns: "The findings",
      examples: [Example(#"gate{ names = "host.clock", warn = true }"#, "no clock may be far off")],
      topics: ["stop", "condition", "ensure"]
    ) { names, warn async throws(CallFailure) in
      let checks = try self.surroundings.checkList.selected(by: names.patterns)
      return try await PlannedFindings(of: checks, by: "gate", self.surroundings) { findings throws(CallFailure) in
        try findings.requirePassing(warn: warn)
      }
    }
  }
}

extension [Finding] {
  /// Throws `gate.closed` unless all are OK, or WARN where that passes, and there is one at all.
  func requirePassing(warn: Bool) throws(CallFailure) {
    let wrong = filter { $0.level != .ok && !(warn && $0.level == .warn) }
    guard !isEmpty, wrong.isEmpty else {
      let worst = wrong.first
      throw CallFailure(
        worst.map { $0.level != .unknown } == true ? .failed : .unavailable,
        code: "gate.closed",
        message: worst.map { $0.line + (wrong.count == 1 ? "" : ", and \(wrong.count - 1) more") }
          ?? "nothing was checked",
        hint: worst.map { "`why(\"\($0.check)\")` tells more" },
        ending: .budgetBreached
      )
    }
  }
}

/// What checks find, or in a plan that has changed something before a value that is not known yet.
struct PlannedFindings: Answered {
  let value: Value

  static let luaType = [Finding].luaType
  static let fields = [Finding].fields

  /// `judge` is told what was found; a plan that changes something first cannot know it.
  init(
    of checks: [JudgedCheck],
    by primitive: String,
    _ surroundings: Surroundings,
    judge: ([Finding]) throws(CallFailure) -> Void
  ) async throws(CallFailure) {
    if let run = CallContext.current.run, run.world.mode == .dry, let change = await run.operations.last {
      let why = "it checks what an earlier step of the plan may change: \(change.summary)"
      value = .unknown(Unknown(why: why, origin: primitive))
      return
    }
    let findings = try await CheckRunner(surroundings).findings(of: checks)
    try judge(findings)
    value = findings.value
  }
}

/// One name or pattern of checks, or a list of them.
struct CheckNames: ValueConvertible, Equatable {
  let patterns: [String]

  static let luaType = "string|string[]"
  static let completion = Completion.named("checks")

  var value: Value { patterns.count == 1 ? .string(patterns[0]) : patterns.value }

  init(patterns: [String]) { self.patterns = patterns }

  init(_ value: Value) throws(ConversionError) {
    if case .string(let name) = value {
      patterns = [name]
    } else {
      guard let names = try? [String](value), !names.isEmpty else {
        throw ConversionError(expected: "the name of a check, or a list of names", found: value)
      }
      patterns = names
    }
  }
}

/// A check in the list of `checks()`.
struct CheckRecord: Sendable {
  let check: JudgedCheck
}

extension CheckRecord: Record {
  static var luaType: String { "check.Check" }
  static let columns: [Column<Self>] = [
    Column("name", "Name of the check") { $0.check.declaration.name },
    Column("summary", "What it measures") { $0.check.declaration.summary },
    Column("unit", "Unit of its numbers") { $0.check.declaration.unit },
    Column("judged", "Which numbers are OK and which BAD; all others are WARN") { record in
      record.check.declaration.ok.isEmpty ? "" : record.check.declaration.boundary(of: .warn)
    },
    Column("owner", "Who is responsible") { $0.check.declaration.owner },
    Column("overridden", "Whether the site judges otherwise than the check's author") { $0.check.isOverridden },
    Column("problem", "Why it cannot be judged; else empty") { $0.check.problem?.message ?? "" },
  ]
}

extension JudgedCheck {
  /// What `why` says: the check, its findings, and what they were read from.
  func story(_ findings: [Finding]) -> String {
    let own = findings.filter { $0.check == declaration.name }
    var lines = ["\(declaration.name): \(declaration.summary)"]
    if !declaration.ok.isEmpty { lines.append("  \(declaration.boundary(of: .warn))") }
    if isOverridden, !check.declaration.ok.isEmpty {
      lines.append("  set by the site; the check's author says: \(check.declaration.boundary(of: .warn))")
    }
    if let growth = declaration.growth { lines.append("  judged by its growth in \(growth.words)") }
    if let age = declaration.age { lines.append("  a value may be at most \(age.words) old") }
    if let origin = check.origin { lines.append("  measured by \(origin())") }
    if !declaration.owner.isEmpty { lines.append("  owner: \(declaration.owner)") }
    if !declaration.refs.isEmpty { lines.append("  see: \(declaration.refs.joined(separator: ", "))") }
    lines += own.lines.map { "  \($0)" }
    // Of what is fine a few are enough; the records hold it all.
    let proofs = own.filter { $0.evidence != .null }
    let wrong = proofs.filter { $0.level != .ok }.prefix(10)
    lines += (wrong.isEmpty ? proofs.prefix(3) : wrong).map { finding in
      "  from\(finding.subject.isEmpty ? "" : " \(finding.subject)"): \(finding.evidence.literal.prefix(200))".onOneLine
    }
    return lines.joined(separator: "\n")
  }
}
