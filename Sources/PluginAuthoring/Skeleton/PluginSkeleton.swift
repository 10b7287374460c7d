package import Foundations
package import PrimitiveKit
import RunbookHeader

/// The files of a new plugin: they load, pass `opsh plugin check`, and are there to be changed.
package struct PluginSkeleton: Sendable {
  /// What the plugin begins with, beside a primitive, a check, a runbook and their specs.
  package enum Kind: String, Sendable, CaseIterable {
    case plain, system, runtime, notifier
  }

  package let id: String
  /// Their paths in the plugin's folder, and their texts.
  package let files: [(path: String, text: String)]

  /// `taken` are the first words of opsh's own primitives; `today` is written into the runbook.
  ///
  /// Throws `usage.argument` for an id that no plugin can have.
  package init(_ kind: Kind, id: String, taken: Set<String>, today: CalendarDate) throws(CallFailure) {
    guard LuaWord.isName(id), id.utf8.count <= 40 else {
      throw PluginSkeleton.wrong(
        "'\(id)' cannot be the id of a plugin",
        hint: "letters, digits and _, such as desk: its primitives are called desk.NAME"
      )
    }
    guard !taken.contains(id) else {
      throw PluginSkeleton.wrong("'\(id)' is opsh's own name", hint: "choose another, such as my_\(id)")
    }
    self.id = id
    let texts: [(String, String)] = [
      ("plugin.lua", PluginSkeleton.manifest(kind)),
      ("init.lua", PluginSkeleton.code(kind)),
      ("init_spec.lua", PluginSkeleton.spec(kind)),
      ("runbooks/note.lua", PluginSkeleton.runbook(kind)),
      ("runbooks/note_spec.lua", PluginSkeleton.runbookSpec(kind)),
      ("README.md", PluginSkeleton.readme(kind)),
    ]
    let more =
      switch kind {
      case .plain, .notifier: [(String, String)]()
      case .system: [("system.lua", PluginSkeleton.system)]
      case .runtime: [("driver.sh", PluginSkeleton.driver)]
      }
    files = (texts + more).map { path, text in
      (path, text.replacing("SAMPLE", with: id).replacing("TODAY", with: "\(today)"))
    }
  }

  private static func wrong(_ message: String, hint: String) -> CallFailure {
    CallFailure(.usage, code: "usage.argument", message: message, hint: hint)
  }
}
