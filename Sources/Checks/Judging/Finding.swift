import Foundations
import PrimitiveKit

/// What a check says about one subject: a level with everything that led to it.
struct Finding: Sendable, Equatable, Codable {
  let check: String
  /// The system that the check belongs to; empty for none.
  let system: String
  /// What it is about; empty for a check about one thing.
  let subject: String
  let level: CheckLevel
  /// Nil is UNKNOWN.
  let value: Double?
  let unit: String
  /// Which numbers have this level, in words.
  let threshold: String
  /// Whether the site judges otherwise than the check's author.
  let isOverridden: Bool
  /// Seconds since the value was true; nil when that is unknown.
  let age: Double?
  let evidence: Value
  /// Why it is UNKNOWN; else empty.
  let note: String
  let owner: String
  let refs: [String]
}

extension Finding: Record {
  static var luaType: String { "check.Finding" }
  static let columns: [Column<Self>] = [
    Column(\.check, "check", "Name of the check"),
    Column(\.system, "system", "System it belongs to; empty for none"),
    Column(\.subject, "subject", "What it is about, for example a host"),
    Column("level", "OK, WARN, BAD or UNKNOWN") { $0.level.rawValue },
    Column(\.value, "value", "What was measured; nil is UNKNOWN"),
    Column(\.unit, "unit", "Unit of the value"),
    Column(\.threshold, "threshold", "Which numbers have this level"),
    Column(\.age, "age", "Seconds since the value was true"),
    Column(\.note, "note", "Why it is UNKNOWN"),
    Column(\.owner, "owner", "Who is responsible"),
    Column(\.isOverridden, "overridden", "Whether the site judges otherwise than the check's author"),
    Column(\.refs, "refs", "Pages that explain more"),
    Column(\.evidence, "evidence", "What the value was read from"),
  ]

  /// The worst first, then by name.
  static func isWorse(_ one: Finding, _ other: Finding) -> Bool {
    one.level.rank == other.level.rank
      ? (one.check, one.subject) < (other.check, other.subject) : one.level.rank > other.level.rank
  }
}

extension JudgedCheck {
  /// How far ahead of this clock a measurement may lie, in seconds: clocks differ.
  static let aheadLimit = 5.0
  /// The oldest value that is judged where its check does not say how old one may be, in seconds: a year.
  static let oldest = 366.0 * 86_400
  /// An age that no clock means, in seconds: about 30,000 years.
  static let ageLimit = 1e12

  /// What a measurement is worth; `asked` and `now` are when measuring began and ended, in seconds since 1970.
  func finding(_ measured: Measured, asked: Double, now: Double) -> Finding {
    // What has no time of its own was true when it was asked at the latest.
    let age = now - (measured.at ?? min(asked, now))
    if var why = unknown(measured, age: age) {
      // A measurement without a value says itself whose it is.
      if measured.value != nil { why += place }
      return finding(.unknown, measured, age: measured.value == nil || !age.isFinite ? nil : max(0, age), note: why)
    }
    return finding(declaration.level(of: measured.value), measured, age: max(0, age), note: "")
  }

  /// Whose code measures and where it stands, in brackets; empty for a check of opsh or of the site.
  var place: String { check.origin.map { " (\($0()))" } ?? "" }

  /// The finding of a check that could not measure.
  func unknown(_ why: String, subject: String? = nil) -> Finding {
    finding(.unknown, Measured(nil, subject: subject), age: nil, note: why)
  }

  /// Why a measurement gives no answer; nil when it gives one.
  private func unknown(_ measured: Measured, age: Double) -> String? {
    guard let value = measured.value else { return measured.note.isEmpty ? "there is no value" : measured.note }
    if value.isNaN { return "the value is not a number" }
    guard value.isFinite else { return "the value is infinite" }
    guard age.isFinite, abs(age) < JudgedCheck.ageLimit else {
      let at = measured.at ?? .nan
      let fix = at.isFinite && at > 0 ? "; divide by 1000 where it is in milliseconds" : ""
      return "`at` is \(at.brief), and seconds since 1970 are expected\(fix)"
    }
    if age < -JudgedCheck.aheadLimit {
      return "it was measured \((-age).rounded().brief) s in the future: a clock is wrong"
    }
    if let limit = declaration.age, .seconds(age) > limit {
      return "the value is \(age.rounded().brief) s old; it may be at most \(limit.words) old"
    }
    if declaration.age == nil, age > JudgedCheck.oldest {
      return "the value is \(Int(age / 86_400)) days old; `age` says how old it may be"
    }
    if let most = measured.most, declaration.level(of: most) != declaration.level(of: value) {
      return "it is anywhere from \(value.brief) to \(most.brief) \(declaration.unit)"
    }
    return nil
  }

  private func finding(_ level: CheckLevel, _ measured: Measured, age: Double?, note: String) -> Finding {
    Finding(
      check: declaration.name,
      system: declaration.system,
      subject: measured.subject ?? "",
      level: level,
      value: measured.value.flatMap { $0.isFinite ? $0 : nil },
      unit: declaration.unit,
      threshold: declaration.ok.isEmpty ? "" : declaration.boundary(of: level),
      isOverridden: isOverridden,
      age: age.map { ($0 * 1000).rounded() / 1000 },
      evidence: measured.evidence,
      note: note,
      owner: declaration.owner,
      refs: declaration.refs
    )
  }
}
