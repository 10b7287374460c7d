import Journal
import PrimitiveKit

extension Undoing {
  /// What is about to be undone and what is not, before anybody confirms (G-12).
  ///
  /// A preview has not looked up what is of unknown outcome.
  func render(of header: RunHeader, _ rows: [OperationRow], isPreview: Bool = false) -> String {
    var lines = ["============== rollback plan =============="]
    lines.append("Run           \(header.id): \(header.name), \(header.state.rawValue)")
    lines += rehearsal.map(Undoing.lines) ?? plan.lines(survey)
    lines += plan.rest(isPreview) + found
    if rehearsal == nil { lines += careful.map { Undoing.row($0.name, $0.words) } }
    lines += releases.map { Undoing.row($0.name, $0.words) }
    lines.append("Direction     \(plan.direction(rows, survey))")
    lines.append("===========================================")
    return lines.joined(separator: "\n")
  }

  fileprivate static func row(_ name: String, _ words: String) -> String {
    name + String(repeating: " ", count: max(1, 14 - name.count)) + words
  }

  private static func lines(_ operations: [OperationRecord]) -> [String] {
    let kinds = Dictionary(grouping: operations, by: \.kind).sorted { $0.key < $1.key }
    let words = kinds.map { kind, operations in
      "\(operations.count) × \(kind) on \(operations.map(\.target).folded)"
    }
    return ["Undo          by the runbook's own undo: \(words.isEmpty ? "no change" : words.joined(separator: "; "))"]
  }

  /// What the look found.
  private var found: [String] {
    var lines: [String] = []
    if !survey.back.isEmpty { lines.append("Already back  \(survey.back.folded)") }
    if let first = survey.silent.first {
      let names = survey.silent.map(\.target)
      lines.append("Left out      \(names.folded) (\(names.subjects.count), no answer): \(first.why)")
    }
    for (why, group) in Undoing.byReason(survey.barred) {
      lines.append(Undoing.row("Cannot undo", "\(group.map(\.target).folded): \(why)"))
    }
    for (why, group) in Undoing.byReason(survey.later) {
      lines.append(Undoing.row("Changed since", "\(group.map(\.target).folded): \(why); this is taken back, too"))
    }
    if let first = survey.withheld.first {
      lines.append("Withheld      \(survey.withheld.map(\.target).folded): \(first.why)")
    }
    return lines
  }

  private static func byReason(_ findings: [UndoSurvey.Finding]) -> [(why: String, group: [UndoSurvey.Finding])] {
    Dictionary(grouping: findings, by: \.why).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// How fast it goes and what stops it.
  private var careful: [(name: String, words: String)] {
    var rows = plan.pace(without: Set((survey.leftOut.map(\.target) + survey.back).map(\.subject)))
    if !terms.refusing.isEmpty {
      let names = terms.refusing.sorted().joined(separator: ", ")
      rows.append(("Gates", "\(names): already refusing; only a gate that starts to refuse stops the rollback"))
    }
    return rows
  }

  /// What happens to the releases that are left.
  private var releases: [(name: String, words: String)] {
    var rows = terms.releases.map { release -> (name: String, words: String) in
      if let verdict = release.verdict { return ("Marks bad", "\(release.words): \(verdict)") }
      if release.isMarked { return ("Marks bad", "\(release.words), as requested") }
      return ("Not marked", "\(release.words): nothing judged it bad; use mark=true to mark it")
    }
    rows += cleared.map { ("Clears mark", "\($0.image) (\($0.digest.prefix(19))), marked bad by the run") }
    return rows
  }
}

extension RollbackPlan {
  fileprivate func lines(_ survey: UndoSurvey) -> [String] {
    let still = Set((survey.leftOut.map(\.target) + survey.back).map(\.subject))
    var lines: [String] = []
    for act in acts {
      switch act {
      case .functions(let group): lines.append(RollbackPlan.line(group))
      case .inverses(let group):
        let left = group.filter { !still.contains($0.subject) }
        var acts: [String] = []
        for inverse in left where !acts.contains(phrase(of: inverse)) { acts.append(phrase(of: inverse)) }
        lines +=
          acts.count > 3
          ? [RollbackPlan.line(left, "such as \(acts[0])")]
          : acts.map { act in RollbackPlan.line(left.filter { phrase(of: $0) == act }, act) }
      }
    }
    if lines.count > 8 { lines = lines.prefix(8) + ["and \(lines.count - 8) more"] }
    guard let first = lines.first else { return ["Undo          nothing"] }
    return [Undoing.row("Undo", first)] + lines.dropFirst().map { Undoing.row("Undo", $0) }
  }

  private func phrase(of inverse: Inverse) -> String { inverse.operation?.act(naming: releases) ?? inverse.act }

  private static func line(_ group: [Inverse], _ act: String) -> String {
    "\(group.count) × \(group[0].stored.kind) on \(group.map(\.stored.target).folded): \(act)"
  }

  private static func line(_ undos: [Undo]) -> String {
    guard undos.count > 1, let slash = undos[0].path.lastIndex(of: "/") else {
      return "step '\(undos[0].path)'\(undos[0].result == nil ? ", which did not succeed," : "") by its own function"
    }
    let names = NameSet(names: undos.map { String($0.path[$0.path.index(after: slash)...]) }).folded
    return "\(undos.count) items of '\(undos[0].path[..<slash])' by their own function: \(names)"
  }

  fileprivate func rest(_ isPreview: Bool) -> [String] {
    var lines: [String] = []
    if !asFound.isEmpty {
      lines.append("As it was     \(RollbackPlan.words(asFound)): nothing to undo")
    }
    if !irreversible.isEmpty { lines.append("Not undone    \(RollbackPlan.words(irreversible))") }
    if !doubtful.isEmpty {
      let words = RollbackPlan.words(doubtful)
      let open = "the run stays open until you record their outcome with resolve()"
      let next = isPreview ? "looked up before anything is undone" : open
      lines.append("Unknown       \(words): \(next)")
    }
    let covered = unknown.filter { row in !doubtful.contains { $0.key == row.key } }
    if !covered.isEmpty {
      lines.append("Unknown       \(RollbackPlan.words(covered)): left to the function that undoes its step")
    }
    return lines
  }

  /// Which way leaves fewer bad hosts, or whatever was changed: going back, or going on.
  fileprivate func direction(_ rows: [OperationRow], _ survey: UndoSurvey) -> String {
    let silent = survey.leftOut.map(\.target)
    let worse = rows.filter { [.failed, .unknown, .open].contains($0.state) }.map(\.target) + short + silent
    let back = Set(survey.back.subjects)
    let carrying = undone.map(\.target).filter { !back.contains($0.subject) }
    let bad = Set(worse.subjects)
    let good = Set(carrying.subjects).subtracting(bad)
    let noun = (carrying + worse).allSatisfy { $0.kind == .host } ? "host" : "target"
    func carry(_ count: Int) -> String { count == 1 ? "1 \(noun) carries" : "\(count) \(noun)s carry" }
    guard !carrying.isEmpty || rows.contains(where: { [.unknown, .open].contains($0.state) }) else {
      return survey.back.isEmpty ? "no \(noun) carries a change that can be undone" : "everything is back already"
    }
    guard !bad.isEmpty else { return "\(carry(good.count)) the change and none is unhealthy; all are rolled back" }
    let words = "\(carry(good.count)) the change and \(good.count == 1 ? "is" : "are") healthy, \(bad.count) not"
    if good.count > bad.count {
      return
        "\(words): rolling back changes \(good.count) healthy \(noun)s; fixing \(worse.folded) "
        + "and resuming leaves fewer on the old version"
    }
    return "\(words): rolling back leaves fewer unhealthy \(noun)s"
  }

  static func words(_ rows: [OperationRow]) -> String {
    let kinds = Dictionary(grouping: rows, by: \.kind).sorted { $0.key < $1.key }
    return kinds.map { "\($0.value.count) × \($0.key) on \($0.value.map(\.target).folded)" }
      .joined(separator: "; ")
  }
}
