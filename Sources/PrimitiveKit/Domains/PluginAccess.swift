/// What the code of a plugin needs to call a primitive (DESIGN section 11).
package enum PluginAccess: Sendable, Equatable {
  /// Only the operator calls it; no capability opens it to a plugin.
  case operators
  /// It reaches nothing outside of Lua, so everybody may call it.
  case anybody
  /// This capability, for example `http`.
  case capability(String)
  /// `NAME:read` for a call that only reads, `NAME:change` for every other.
  case effects(on: String)

  /// The capability that a call with this effect needs; nil where none is needed or none is enough.
  package func capability(for effect: Effect) -> String? {
    switch self {
    case .operators, .anybody: nil
    case .capability(let name): name
    case .effects(let name): effect == .reads ? "\(name):read" : "\(name):change"
    }
  }
}
