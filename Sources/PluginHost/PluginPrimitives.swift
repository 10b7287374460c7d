package import PrimitiveKit

extension LoadedPlugin: Record {
  package static var luaType: String { "opsh.Plugin" }
  package static let columns: [Column<Self>] = [
    Column(\.id, "id", "Name of its folder"),
    Column(\.version, "version", "Version"),
    Column("state", "loaded or failed") { $0.problem == nil ? "loaded" : "failed" },
    Column("provides", "What it provides") { $0.runtimes.map { "runtime \($0.name)" } },
    Column(\.path, "path", "Its folder"),
    Column("summary", "What it does, or why it failed") { $0.why ?? $0.summary },
  ]

  /// Why it failed, and where in its Lua.
  private var why: String? {
    problem.map { ($0.trace.prefix(1) + [$0.message]).joined(separator: ": ") }
  }

  /// `plugins()`; `roots` are the directories that were looked in, those that do not exist too.
  package static func primitive(
    _ plugins: [LoadedPlugin],
    roots: [String],
    dialogue: any Dialogue
  ) -> Primitive {
    Primitive(
      immediate: "plugins",
      "Lists plugins with version, state and what they provide, and says at a prompt where opsh looks for them.",
      returns: "One record per plugin",
      examples: [Example("plugins()", "what is loaded, and what failed and why")],
      topics: ["extensions", "runtimes"]
    ) { () throws(CallFailure) in
      if dialogue.isInteractive || plugins.isEmpty {
        dialogue.say("looked in \(roots.isEmpty ? "no directory: there is no site" : roots.joined(separator: ", "))")
      }
      return plugins
    }
  }
}
