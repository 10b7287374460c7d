package import LuaRuntime
import PrimitiveKit

/// The names that a script finds without declaring them.
package struct LintGlobals: Sendable {
  let names: Set<String>
  /// The fields of the tables among them, such as `string`.
  let fields: [String: Set<String>]

  /// Asks an engine that all primitives are bound to.
  package init(_ engine: LuaEngine) async {
    // `args` comes with a script.
    var names: Set<String> = ["args", "_ENV", "_G"]
    var fields: [String: Set<String>] = [:]
    for name in await engine.names(under: []) {
      names.insert(name)
      let members = await engine.names(under: [name])
      if !members.isEmpty, name != "_G" { fields[name] = Set(members) }
    }
    self.names = names
    self.fields = fields
  }
}
