import PrimitiveKit

/// What a plugin may ask to reach beyond Lua itself (DESIGN section 11).
package enum Capability: String, Sendable, CaseIterable {
  /// Reads from hosts and bots, and names them with sets.
  case hostsRead = "hosts:read"
  case hostsChange = "hosts:change"
  case ledgerRead = "ledger:read"
  case ledgerChange = "ledger:change"
  case http
  case secrets
  case files
  case programs
}

/// Refuses the calls of a plugin that its capabilities do not cover.
///
/// It is asked before each call that code of the plugin makes, whoever called that code and through what.
struct CapabilityGate: Sendable {
  let plugin: String
  let manifest: String
  let capabilities: Set<Capability>
  /// What a primitive needs; nil for one that is not known.
  let access: @Sendable (String) -> PluginAccess?
  /// The capabilities of the plugin that a primitive belongs to, with its id; nil for a primitive of opsh.
  let owner: @Sendable (String) -> (id: String, capabilities: Set<Capability>)?

  /// Throws `plugin.capability`, which names plugin, call and capability.
  func permit(_ info: PrimitiveInfo, _ arguments: [Value]) throws(CallFailure) {
    if let owner = owner(info.name) { return try permit(info, of: owner.id, with: owner.capabilities) }
    let access = access(info.name) ?? .operators
    guard access != .anybody else { return }
    guard let needed = access.capability(for: info.effect(of: arguments)) else {
      throw CallFailure(
        .refused,
        .faulty,
        code: "plugin.capability",
        message: "plugin '\(plugin)' must not call \(info.shownName): it is for the operator alone",
        hint: "no capability opens it to plugins; leave that call to the operator or to a runbook"
      )
    }
    guard !capabilities.contains(where: { $0.rawValue == needed }) else { return }
    throw CallFailure(
      .refused,
      .faulty,
      code: "plugin.capability",
      message: "plugin '\(plugin)' called \(info.shownName) without the capability '\(needed)'",
      hint: "add \"\(needed)\" to `capabilities` in \(manifest)"
    )
  }

  /// A primitive of another plugin does what that plugin may do, so the caller needs all of its capabilities.
  private func permit(_ info: PrimitiveInfo, of id: String, with theirs: Set<Capability>) throws(CallFailure) {
    guard id != plugin else { return }
    let lacking = theirs.subtracting(capabilities).map(\.rawValue).sorted()
    guard !lacking.isEmpty else { return }
    throw CallFailure(
      .refused,
      .faulty,
      code: "plugin.capability",
      message: "plugin '\(plugin)' called \(info.name) without the capabilities of plugin '\(id)': "
        + lacking.joined(separator: ", "),
      hint: "add them to `capabilities` in \(manifest)"
    )
  }
}

extension PrimitiveInfo {
  /// As people know it: what stands behind `set` and a system has a name of its own.
  fileprivate var shownName: String {
    if name == "opsh_system_members" { return "the bots of a system" }
    return name.hasPrefix("opsh_set_") ? "set" : name
  }
}
