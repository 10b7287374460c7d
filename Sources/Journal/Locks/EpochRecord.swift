import PrimitiveKit

/// What an audit record says of epochs: a grant, a reset, what hosts had seen before this journal, or a migration.
struct EpochRecord {
  enum Kind: Sendable {
    case grant
    /// With the clock by which what was far ahead was told, in milliseconds since 1970.
    case reset(clock: Int64?)
    /// Numbers that hosts told, by scope.
    case learned([String: Int])
    /// Begins anew with these, after damage was accepted: what is locked itself, and what only something below is locked of.
    case mended(own: [String: Int], below: [String: Int])
    /// Begins anew: an older opsh had one number for all scopes.
    case migrated
  }

  let kind: Kind
  let seq: Int64
  let epoch: Int
  /// What is locked itself.
  let own: [String]
  /// What only something below is locked of.
  let above: [String]
  /// How many scopes have an epoch from then on; nil in records of an older opsh.
  let known: Int64?

  static let events = ["lock.grant", "lock.take", "lock.reset_epoch", "lock.learn", Journal.migration]
  /// As the index `audit_epochs` has them.
  static let condition = "event IN ('lock.grant', 'lock.take', 'lock.reset_epoch', 'lock.learn', 'journal.migrate')"

  /// Nil for a record that tells of no epoch.
  init?(_ record: AuditRecord) {
    guard EpochRecord.events.contains(record.event) else { return nil }
    let fields = AuditFields(record.body)
    seq = record.seq
    epoch = fields.value("epoch")?.int.map { Int($0) } ?? 0
    own = fields.texts("scopes").map { String($0.prefix { $0 != " " }) }.filter { !$0.hasPrefix("run/") }
    above = fields.texts("above")
    known = fields.value("known")?.int
    switch record.event {
    case "lock.reset_epoch": kind = .reset(clock: fields.value("clock")?.int)
    case "lock.learn":
      let told = EpochRecord.numbers(fields.json("epochs"))
      kind =
        fields.value("anew") == nil
        ? .learned(told) : .mended(own: told, below: EpochRecord.numbers(fields.json("below")))
    case Journal.migration: kind = .migrated
    default: kind = .grant
    }
  }

  private static func numbers(_ text: String?) -> [String: Int] {
    let numbers: [String: Int]? = try? OperationCoding().decode([String: Int].self, from: text ?? "{}")
    return numbers ?? [:]
  }

  /// The rows that follow from it and the rows before.
  func apply(to rows: inout [String: EpochTable.Row]) {
    switch kind {
    case .migrated:
      rows = [:]
      if epoch > 0 { for scope in own { rows[scope, default: .init()].grant(epoch, isOwn: true, seq: seq) } }
    case .mended(let own, let below):
      rows = EpochTable.Row.made(own: own, below: below, seq: seq)
    case .learned(let told):
      for (scope, epoch) in told {
        let isOwn = own.contains(scope)
        if isOwn, rows[scope, default: .init()].epoch >= epoch {
          // A host that has obeyed none yet has a row all the same.
          rows[scope] = rows[scope, default: .init()]
          continue
        }
        rows[scope, default: .init()].grant(epoch, isOwn: isOwn, seq: seq)
      }
    case .grant:
      // A lease of a run on itself alone has no epoch.
      if epoch == 0 { return }
      for scope in own { rows[scope, default: .init()].grant(epoch, isOwn: true, seq: seq) }
      for scope in above { rows[scope, default: .init()].grant(epoch, isOwn: false, seq: seq) }
    case .reset(let clock):
      for scope in own { rows[scope, default: .init()].reset(epoch, isOwn: true, seq: seq, clock: clock) }
      for scope in above { rows[scope, default: .init()].reset(epoch, isOwn: false, seq: seq, clock: clock) }
    }
  }

  /// Whether it gave a scope this number.
  func gave(_ number: Int, to scope: String) -> Bool {
    switch kind {
    case .learned(let told): return told[scope] == number
    case .mended(let own, let below): return own[scope] == number || below[scope] == number
    case .grant, .reset, .migrated: return number == epoch && (own.contains(scope) || above.contains(scope))
    }
  }
}
