import Foundation
import Foundations
import Journal
import JournalCare
import PrimitiveKit
import Runbooks

extension Subcommand {
  /// The commands that look after the journal.
  static var aboutJournal: [Subcommand] { [journal, backup, restore, check, prune, move] }

  private static var journal: Subcommand {
    Subcommand(
      "journal",
      "shows the state of the journal",
      exits: looked,
      examples: [Example("opsh journal", "its location, schema, newest record and last backup")]
    ) { call async throws(CallFailure) in [try await JournalWork(call).standing()] }
  }

  private static var backup: Subcommand {
    Subcommand(
      "journal backup",
      "writes a consistent snapshot of the journal to one file",
      CommandArgument<String>.word("FILE", "the file to write", completion: .files),
      exits: cared,
      examples: [Example("opsh journal backup kept.journal", "works while runs use the journal")],
      insteadOfDryRun: instead
    ) { call, path async throws(CallFailure) in [try await JournalWork(call).backUp(to: path)] }
  }

  private static var restore: Subcommand {
    Subcommand(
      "journal restore",
      "replaces the journal with a backup",
      CommandArgument<String>.word("FILE", "the file of a backup", completion: .files),
      force,
      exits: cared,
      examples: [
        Example(
          "opsh journal restore kept.journal --force --reason 'disk lost'",
          "even if the current journal is newer"
        )
      ],
      shares: [.reason],
      insteadOfDryRun: instead
    ) { call, path, isForced async throws(CallFailure) in
      [try await JournalWork(call, isForced: isForced).restore(from: path)]
    }
  }

  private static var check: Subcommand {
    Subcommand(
      "journal check",
      "checks pages, schema, audit chain, rows, anchors and texts",
      exits: looked,
      examples: [Example("opsh journal check", "for example after the machine crashed")],
      insteadOfDryRun: instead
    ) { call async throws(CallFailure) in [try await JournalWork(call).check()] }
  }

  private static var prune: Subcommand {
    Subcommand(
      "journal prune",
      "removes old runs and the data only they use",
      CommandArgument<String>.option(
        "before",
        "TIME",
        default: "90d",
        "remove runs that ended before this date, or longer ago than this"
      ),
      force,
      exits: cared,
      examples: [Example("opsh journal prune --before 2026-01-01 --dry-run", "counts what would be removed")],
      shares: [.dryRun, .reason]
    ) { call, before, isForced async throws(CallFailure) in
      [try await JournalWork(call, isForced: isForced).prune(before)]
    }
  }

  private static var move: Subcommand {
    Subcommand(
      "journal move",
      "copies the journal to another database and closes the old one",
      CommandArgument<String>.word("TARGET", "a path or postgres://HOST/DATABASE", completion: .files),
      exits: cared,
      examples: [
        Example("opsh journal move /srv/opsh/journal", "to another disk; use `postgres://…` for one a team shares")
      ],
      shares: [.reason],
      insteadOfDryRun: instead
    ) { call, target async throws(CallFailure) in [try await JournalWork(call).move(to: target)] }
  }

  private static let instead = "use `opsh journal` to see the state of the journal"
  private static let looked = [
    CommandExit(.ok, "no problems"), CommandExit(.dataInvalid, "problems found, or no journal"),
  ]
  private static let cared = [
    CommandExit(.ok, "done"), CommandExit(.lockRefused, "refused, nothing changed"),
    CommandExit(.dataInvalid, "problems found, or no such file"),
  ]
  private static let force = CommandArgument<Bool>.flag("force", "do it even if opsh would refuse; needs --reason")
}

/// Performs the commands that look after the journal.
private struct JournalWork {
  private let work: BatchWork
  private let care: JournalCare
  private let isForced: Bool

  init(_ call: SubcommandCall, isForced: Bool = false) throws(CallFailure) {
    work = try call.work
    care = try work.composition.runbooks.journal.care()
    self.isForced = isForced
  }

  func standing() async throws(CallFailure) -> Value {
    let standing = try await care.standing()
    let last = try await care.lastBackup()
    var fields = JournalWork.fields(standing)
    fields["place"] = .string(care.place.name)
    fields["last_backup"] = last.map { .string(Instant.local($0)) } ?? .string("never")
    if !standing.users.isEmpty { fields["in_use"] = .array(standing.users.map(Value.string)) }
    if let place = standing.movedTo { fields["moved_to"] = .string(place) }
    return .table(fields)
  }

  func backUp(to path: String) async throws(CallFailure) -> Value {
    let copy = try await care.backUp(to: path)
    work.stage.dialogue.say("backed up \(care.place.name) to \(path)")
    return .table(JournalWork.fields(copy))
  }

  func restore(from path: String) async throws(CallFailure) -> Value {
    let restored = try await care.restore(from: path, reason: try force())
    let dialogue = work.stage.dialogue
    dialogue.say("restored \(care.place.name) from \(path)")
    if let aside = restored.aside { dialogue.say("the damaged journal is kept as \(aside)") }
    let lost = restored.lost
    if lost.records > 0 { dialogue.say("lost, because not in the backup: \(lost.words)") }
    for run in lost.runs { dialogue.say("  run \(run)") }
    if lost.runCount > lost.runs.count { dialogue.say("  and \(lost.runCount - lost.runs.count) more") }
    for lock in lost.locks { dialogue.say("\(lock) was lost") }
    dialogue.say("the next lock first asks the hosts for their epochs; `opsh runs` shows what can be resumed")
    var fields = JournalWork.fields(restored.standing)
    fields["lost_records"] = .int(Int(lost.records))
    fields["lost_runs"] = .int(lost.runCount)
    fields["lost_locks"] = .array(lost.locks.map(Value.string))
    return .table(fields)
  }

  func check() async throws(CallFailure) -> Value {
    let checked = try await care.check()
    if !checked.problems.isEmpty { work.stage.dialogue.note(.dataInvalid) }
    var fields = JournalWork.fields(checked.standing)
    fields["ok"] = .bool(checked.problems.isEmpty)
    fields["problems"] = .array(checked.problems.map(Value.string))
    if !checked.accepted.isEmpty { fields["accepted"] = .array(checked.accepted.map(Value.string)) }
    return .table(fields)
  }

  func prune(_ text: String) async throws(CallFailure) -> Value {
    let now = Int64(Date().timeIntervalSince1970 * 1000)
    let before = try PruneTime.milliseconds(text, now: now)
    let isDry = work.invocation.session.isDryRun
    // A dry run is refused what the real one is.
    let reason = try force()
    if before > now - PruneTime.least, reason == nil {
      throw CallFailure(
        .refused,
        code: "prune.too_recent",
        message: "runs from the last seven days cannot be pruned",
        hint: "give an earlier --before, or use `--force --reason …` to remove them anyway"
      )
    }
    let report = try await care.prune(before: before, isDry: isDry)
    let dialogue = work.stage.dialogue
    let verb = isDry ? "would remove" : "removed"
    let runs = report.runs.counted("run")
    dialogue.say("\(verb) \(runs) that ended before \(Instant.words(before)), and the data only they used")
    return .table([
      "runs": .int(report.runs), "operations": .int(report.operations), "steps": .int(report.steps),
      "answers": .int(report.reads), "questions": .int(report.questions), "texts": .int(report.texts),
      "text_bytes": .int(report.bytes), "kept": .int(report.kept),
    ])
  }

  func move(to target: String) async throws(CallFailure) -> Value {
    let place = JournalPlace(target) { work.composition.runbooks.journal.expand($0) }
    let standing = try await care.move(to: place, reason: work.invocation.session.reason)
    let dialogue = work.stage.dialogue
    dialogue.say("moved \(care.place.name) to \(place.name)")
    dialogue.say("set `journal = \"\(target)\"` in the site; until then changes are refused")
    return .table(JournalWork.fields(standing))
  }

  /// The reason that goes with `--force`; nil without it.
  ///
  /// Throws `usage.option` for a blank one.
  private func force() throws(CallFailure) -> String? {
    guard isForced else { return nil }
    guard let reason = work.invocation.session.reason, !reason.allSatisfy(\.isWhitespace) else {
      throw CallFailure(
        .usage,
        code: "usage.option",
        message: "--force needs --reason",
        hint: "say why with --reason \"…\""
      )
    }
    return reason
  }

  private static func fields(_ standing: JournalStanding) -> [String: Value] {
    [
      "journal": .string(standing.id), "schema": .int(standing.schema), "records": .int(standing.records),
      "head": .string(standing.hash), "newest": standing.at.map { .string(Instant.local($0)) } ?? .null,
      "runs": .int(standing.runs), "texts": .int(standing.texts),
    ]
  }
}
