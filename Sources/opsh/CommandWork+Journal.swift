import Foundation
import Foundations
import Journal
import JournalCare
import PrimitiveKit
import Runbooks

extension CommandWork {
  private static let words = ["backup", "restore", "check", "prune", "move"]

  /// Looks after the journal; without a word it says where the journal stands.
  func journal() async throws(CallFailure) -> [Value] {
    let word = words.first
    if let word, !CommandWork.words.contains(word) {
      throw command.failure(
        "journal does not know '\(word)'",
        hint: NearestName.question(for: word, in: CommandWork.words)
      )
    }
    let session = work.invocation.session
    if session.isDryRun, let word, word != "prune" {
      throw command.failure(
        "journal \(word) has no dry run",
        code: "usage.option",
        hint: "`opsh journal` shows where the journal stands"
      )
    }
    let care = try work.composition.runbooks.journal.care()
    switch word {
    case nil: return [try await standing(care)]
    case "backup": return [try await backUp(care, to: try argument("a file to write"))]
    case "restore": return [try await restore(care, from: try argument("the file of a backup"))]
    case "check":
      try nothing(after: 1)
      return [try await check(care)]
    case "prune":
      try nothing(after: 1)
      return [try await prune(care)]
    default: return [try await move(care, to: try argument("a path or postgres://HOST/DATABASE"))]
    }
  }

  private func argument(_ what: String) throws(CallFailure) -> String {
    guard words.count > 1, !words[1].isEmpty else {
      throw command.failure("journal \(words.first ?? "") needs \(what)")
    }
    try nothing(after: 2)
    return words[1]
  }

  private func nothing(after count: Int) throws(CallFailure) {
    if words.count > count { throw command.failure("unexpected argument '\(words[count])'") }
  }

  private func standing(_ care: JournalCare) async throws(CallFailure) -> Value {
    let standing = try await care.standing()
    let last = try await care.lastBackup()
    var fields = CommandWork.fields(standing)
    fields["place"] = .string(care.place.name)
    fields["last_backup"] = last.map { .string(Instant.text($0)) } ?? .string("never")
    if !standing.users.isEmpty { fields["in_use"] = .array(standing.users.map(Value.string)) }
    if let place = standing.movedTo { fields["moved_to"] = .string(place) }
    return .table(fields)
  }

  private func backUp(_ care: JournalCare, to path: String) async throws(CallFailure) -> Value {
    let copy = try await care.backUp(to: path)
    work.stage.dialogue.say("backed up \(care.place.name) to \(path)")
    return .table(CommandWork.fields(copy))
  }

  private func restore(_ care: JournalCare, from path: String) async throws(CallFailure) -> Value {
    let restored = try await care.restore(from: path, reason: try force())
    let dialogue = work.stage.dialogue
    dialogue.say("restored \(care.place.name) from \(path)")
    if let aside = restored.aside { dialogue.say("the damaged journal is kept as \(aside)") }
    let lost = restored.lost
    if lost.records > 0 { dialogue.say("lost: \(lost.words) that the backup does not have") }
    for run in lost.runs { dialogue.say("  run \(run)") }
    if lost.runCount > lost.runs.count { dialogue.say("  and \(lost.runCount - lost.runs.count) more") }
    dialogue.say("the next lock asks the hosts for their epochs first; `opsh runs` shows what can be resumed")
    var fields = CommandWork.fields(restored.standing)
    fields["lost_records"] = .int(Int(lost.records))
    fields["lost_runs"] = .int(lost.runCount)
    return .table(fields)
  }

  private func check(_ care: JournalCare) async throws(CallFailure) -> Value {
    let checked = try await care.check()
    if !checked.problems.isEmpty { work.stage.dialogue.note(.dataInvalid) }
    var fields = CommandWork.fields(checked.standing)
    fields["ok"] = .bool(checked.problems.isEmpty)
    fields["problems"] = .array(checked.problems.map(Value.string))
    if !checked.accepted.isEmpty { fields["accepted"] = .array(checked.accepted.map(Value.string)) }
    return .table(fields)
  }

  private func prune(_ care: JournalCare) async throws(CallFailure) -> Value {
    let now = Int64(Date().timeIntervalSince1970 * 1000)
    let before = try PruneTime.milliseconds(work.invocation.runbook.before ?? "90d", now: now)
    let isDry = work.invocation.session.isDryRun
    // A dry run is refused what the real one is.
    let reason = try force()
    if before > now - PruneTime.least, reason == nil {
      throw CallFailure(
        .refused,
        code: "prune.too_recent",
        message: "runs of the last seven days are kept",
        hint: "give an earlier --before; `--force --reason …` removes them all the same"
      )
    }
    let report = try await care.prune(before: before, isDry: isDry)
    let dialogue = work.stage.dialogue
    let verb = isDry ? "would remove" : "removed"
    dialogue.say("\(verb) what \(report.runs) runs that ended before \(Instant.text(before)) UTC left")
    return .table([
      "runs": .int(report.runs), "operations": .int(report.operations), "steps": .int(report.steps),
      "answers": .int(report.reads), "questions": .int(report.questions), "texts": .int(report.texts),
      "text_bytes": .int(report.bytes), "kept": .int(report.kept),
    ])
  }

  private func move(_ care: JournalCare, to target: String) async throws(CallFailure) -> Value {
    let place = JournalPlace(target) { work.composition.runbooks.journal.expand($0) }
    let standing = try await care.move(to: place, reason: work.invocation.session.reason)
    let dialogue = work.stage.dialogue
    dialogue.say("moved \(care.place.name) to \(place.name)")
    dialogue.say("set `journal = \"\(target)\"` in the site; until then nothing can be changed")
    return .table(CommandWork.fields(standing))
  }

  /// The reason that goes with `--force`; nil without it.
  ///
  /// Throws `usage.option` for a blank one.
  private func force() throws(CallFailure) -> String? {
    guard work.invocation.runbook.isForced else { return nil }
    guard let reason = work.invocation.session.reason, !reason.allSatisfy(\.isWhitespace) else {
      throw command.failure("--force needs --reason", code: "usage.option", hint: "say why, with --reason \"…\"")
    }
    return reason
  }

  private static func fields(_ standing: JournalStanding) -> [String: Value] {
    [
      "journal": .string(standing.id), "schema": .int(standing.schema), "records": .int(standing.records),
      "head": .string(standing.hash), "newest": standing.at.map { .string(Instant.text($0)) } ?? .null,
      "runs": .int(standing.runs), "texts": .int(standing.texts),
    ]
  }
}
