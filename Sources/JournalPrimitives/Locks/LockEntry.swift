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
  static var fields: [FieldInfo] {
    [
      FieldInfo("scope", "string", "What is locked, with everything below it"),
      FieldInfo("holder", "string", "Who, where, and in which process"),
      FieldInfo("reason", "string", "Why"),
      FieldInfo("run", "string", "The run it is for"),
      FieldInfo("mode", "string", "exclusive, or shared with others who only rely on it"),
      FieldInfo("since", "string", "UTC"),
      FieldInfo("expires", "string", "UTC, unless renewed; empty when taken by hand"),
      FieldInfo("epoch", "integer", "Hosts refuse an older one"),
      FieldInfo("sticky", "boolean", "Whether a person took it by hand"),
    ]
  }

  var value: Value {
    .table([
      "scope": "\(scope)".value, "mode": scope.mode.rawValue.value, "holder": lease.holder.name.value,
      "run": (lease.run ?? "").value, "since": Instant.text(lease.acquiredAt).value,
      "expires": (lease.isSticky ? "" : Instant.text(lease.expiresAt)).value, "epoch": lease.epoch.value,
      "sticky": lease.isSticky.value, "reason": lease.reason.value,
    ])
  }
}
