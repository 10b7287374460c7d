import Foundations
import Journal
import PrimitiveKit

/// One locked scope in a list.
struct LockEntry: Record, Sendable {
  let lease: Lease
  let scope: LockScope

  /// A lease, one entry a scope; the intents above only follow from them.
  static func entries(_ lease: Lease) -> [LockEntry] { lease.ownScopes.map { LockEntry(lease: lease, scope: $0) } }

  static var luaType: String { "lock.Entry" }
  static let columns: [Column<Self>] = [
    Column("scope", "What is locked, with everything below it") { "\($0.scope)" },
    Column(\.lease.holder.name, "holder", "Operator, machine and process"),
    Column(\.lease.reason, "reason", "Why"),
    Column("run", "The run it is for") { $0.lease.run ?? "" },
    Column(\.scope.mode.rawValue, "mode", "exclusive, or shared with others who only need it unchanged"),
    Column(time: "since", "When it was taken") { $0.lease.acquiredAt },
    Column(time: "expires", "When, unless it is renewed; empty when taken by hand") {
      $0.lease.isSticky ? nil : $0.lease.expiresAt
    },
    Column(\.lease.epoch, "epoch", "Hosts refuse a lower one"),
    Column(\.lease.isSticky, "sticky", "Whether a person took it by hand"),
  ]

}
