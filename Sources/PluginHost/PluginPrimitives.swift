package import PrimitiveKit

extension LoadedPlugin: Record {
  package static var luaType: String { "opsh.Plugin" }
  package static var fields: [FieldInfo] {
    [
      FieldInfo("id", "string", "Name of its folder"),
      FieldInfo("version", "string", "Version"),
      FieldInfo("state", "string", "loaded or failed"),
      FieldInfo("provides", "string[]", "What it adds"),
      FieldInfo("summary", "string", "What it is for, or why it failed"),
    ]
  }

  package var value: Value {
    .table([
      "id": id.value, "version": version.value, "state": (problem == nil ? "loaded" : "failed").value,
      "provides": runtimes.map { "runtime \($0.name)" }.value, "summary": (why ?? summary).value,
    ])
  }

  /// Why it failed, and where in its Lua.
  private var why: String? {
    problem.map { ($0.trace.prefix(1) + [$0.message]).joined(separator: ": ") }
  }

  /// `plugins()`.
  package static func primitive(_ plugins: [LoadedPlugin]) -> Primitive {
    Primitive(
      immediate: "plugins",
      "Lists plugins with version, state and what they provide.",
      returns: "One record a plugin",
      examples: [Example("plugins()", "what is loaded, and why something is not")],
      topics: ["extensions", "runtimes"]
    ) { () throws(CallFailure) in
      plugins
    }
  }
}
