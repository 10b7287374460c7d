package import Foundations
import PrimitiveKit
import Reference

/// What `opsh FILE --help` prints.
package enum RunbookHelp {
  /// The page of a runbook, 80 columns wide; `today` says whether its review is overdue.
  package static func text(_ header: RunbookHeader, path: String, today: CalendarDate? = nil) -> String {
    var lines = ["\(RunbookFile.name(of: path)) \(header.version)"]
    lines += WrappedText.lines(header.summary ?? "(no summary)", within: WrappedText.columns - 2).map { "  \($0)" }
    lines += [""] + facts(header, today) + [""] + parameters(header)
    lines += ["", "examples"] + examples(header, path).map { "  \($0)" }
    return lines.joined(separator: "\n")
  }

  private static func facts(_ header: RunbookHeader, _ today: CalendarDate?) -> [String] {
    var table = TextTable()
    table.add(["owner", header.owner ?? "nobody"])
    if let updated = header.updated { table.add(["updated", "\(updated)"]) }
    if let review = header.reviewAfter {
      let isStale = today.map(header.isStale) ?? false
      table.add(["review", "after \(review)\(isStale ? ": overdue" : "")"])
    }
    table.add(["effects", Effect.allCases.filter(header.effects.contains).map(\.rawValue).joined(separator: ", ")])
    if !header.locks.isEmpty { table.add(["lock", header.locks.map(\.description).joined(separator: ", ")]) }
    if let confirmation = header.confirmation { table.add(["confirm", sentence(confirmation)]) }
    if !header.cures.isEmpty { table.add(["cures", header.cures.joined(separator: ", ")]) }
    if header.isEmergency { table.add(["emergency", "starts whatever the gates of the site say"]) }
    let needs = needs(header)
    if !needs.isEmpty { table.add(["needs", needs.joined(separator: ", ")]) }
    if let exactness = header.exactness {
      let percent = (exactness * 1000).rounded() / 10
      table.add(["exactness", "at least \(RunbookParameter.word(.number(percent))) % of its changes are predicted"])
    }
    let parts = [
      ("check", header.hasCheck), ("run", header.hasRun), ("undo", header.hasUndo), ("verify", header.hasVerify),
    ]
    table.add(["parts", parts.filter(\.1).map(\.0).joined(separator: ", ")])
    let retries = header.policy.retries
    let again = retries == 0 ? "" : " after \(retries) \(retries == 1 ? "retry" : "retries")"
    table.add(["in batch", "a failed step means \(header.policy.onFailure.rawValue)\(again)"])
    for page in header.references { table.add(["see", page]) }
    return table.lines(indent: 2, within: WrappedText.columns)
  }

  private static func needs(_ header: RunbookHeader) -> [String] {
    let plugins = header.requirements.plugins.map { plugin in
      "plugin \(plugin.id)\(plugin.versions.map { " \($0)" } ?? "")"
    }
    let signature = header.isSigned ? ["a signature of the file"] : []
    return (header.requirements.opsh.map { ["opsh \($0)"] } ?? []) + plugins + signature
  }

  private static func sentence(_ confirmation: RunbookConfirmation) -> String {
    let what =
      switch confirmation.kind {
      case .count: "the count"
      case .amount: "the amount"
      case .name: "the name"
      case .yes: "yes"
      }
    guard case .template(let value) = confirmation.answer else { return "type \(what)" }
    return "type \(what): \(value)"
  }

  private static func parameters(_ header: RunbookHeader) -> [String] {
    guard !header.params.isEmpty else { return ["no parameters"] }
    var table = TextTable()
    for parameter in header.params {
      let state =
        parameter.fallback.map { "= \(parameter.shown($0))" } ?? (parameter.isRequired ? "required" : "optional")
      table.add([parameter.name, parameter.type.description, state, details(parameter)])
    }
    return ["parameters"] + table.lines(indent: 2, within: WrappedText.columns)
  }

  private static func details(_ parameter: RunbookParameter) -> String {
    var details: [String] = []
    if !parameter.choices.isEmpty {
      details.append(parameter.choices.map(RunbookParameter.word).joined(separator: ", "))
    }
    let unit = parameter.type.isList ? " elements" : ""
    let bounds = [("at least", parameter.minimum), ("at most", parameter.maximum)]
    for case (let words, let bound?) in bounds { details.append("\(words) \(parameter.shown(.number(bound)))\(unit)") }
    if let pattern = parameter.pattern { details.append("like \(pattern)") }
    let suffix = details.isEmpty ? "" : "(\(details.joined(separator: "; ")))"
    return [parameter.help ?? "", suffix].filter { !$0.isEmpty }.joined(separator: " ")
  }

  private static func examples(_ header: RunbookHeader, _ path: String) -> [String] {
    let required = header.params.filter(\.isRequired)
    let words = required.map { "\($0.name)=\(example(of: $0))" }
    var examples = [(["opsh", path] + words).joined(separator: " ")]
    if let optional = header.params.first(where: { !$0.isRequired }) {
      let word = "\(optional.name)=\(example(of: optional))"
      examples.append((["opsh", path] + words + [word]).joined(separator: " "))
    }
    return examples + [(["opsh", "--dry-run", path] + words).joined(separator: " ")]
  }

  private static func example(of parameter: RunbookParameter) -> String {
    if let fallback = parameter.fallback, let other = parameter.choices.first(where: { $0 != fallback }) {
      return quoted(RunbookParameter.word(other))
    }
    if let choice = parameter.choices.first { return quoted(RunbookParameter.word(choice)) }
    if let fallback = parameter.fallback, !parameter.type.isList { return quoted(parameter.shown(fallback)) }
    let number = RunbookParameter.word(.number(parameter.minimum ?? 1))
    switch parameter.type.kind {
    case .integer, .number: return parameter.type.isList ? "1,2" : number
    case .boolean: return "true"
    case .duration: return parameter.minimum == nil || parameter.type.isList ? "2m" : number
    case .hosts: return "'web[1-3]'"
    case .bots: return "bot1"
    case .image: return "v2"
    case .digest: return "sha256:…"
    case .run: return "RUN"
    case .speed: return "routine"
    case .reason: return "'why'"
    case .system: return "SYSTEM"
    case .secret: return "SECRET"
    case .string: return "text"
    }
  }

  private static func quoted(_ word: String) -> String { ShellQuote.word(word) }
}
