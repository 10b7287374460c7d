import Foundation
package import PrimitiveKit

/// A plugin as `plugins()` lists it.
struct PluginRecord: Record {
  let entry: PluginHost.Entry

  private var plugin: LoadedPlugin { entry.plugin }

  /// Its state in one word.
  private var state: String {
    if plugin.problem != nil { return "failed" }
    return entry.health.isDisabled ? "disabled" : "loaded"
  }

  /// The last thing that it did wrong.
  private var lastFailure: String {
    if let why = plugin.why { return why }
    return entry.health.last.map { "\($0.call): \($0.message)" } ?? ""
  }

  static var luaType: String { "opsh.Plugin" }
  static let columns: [Column<Self>] = [
    Column("id", "Name of its folder") { $0.plugin.id },
    Column("version", "Version") { $0.plugin.version },
    Column("state", "loaded, failed or disabled") { $0.state },
    Column("provides", "What it provides") { $0.plugin.provides },
    Column("path", "Its folder") { $0.plugin.path },
    Column("summary", "What it does, or why it failed") { $0.plugin.why ?? $0.plugin.summary },
    Column("capabilities", "What it may reach") { $0.plugin.capabilities }.unlisted,
    Column("last_failure", "What it did wrong last") { $0.lastFailure }.unlisted,
  ]

  /// Everything about one plugin.
  struct Page: Record {
    let record: PluginRecord

    static var luaType: String { "opsh.PluginInfo" }
    static let columns: [Column<Self>] =
      PluginRecord.columns.prefix(5).map { column in column.within { (page: Page) in page.record } } + [
        Column("capabilities", "What it may reach") { $0.record.plugin.capabilities },
        Column("summary", "What it does") { $0.record.plugin.summary },
        Column("config", "Its settings, defaults included") { $0.record.plugin.config },
        Column("last_failure", "What it did wrong last, or why it could not be loaded") { $0.record.lastFailure },
        Column(time: "failed_at", "When that was", none: "never") {
          $0.record.entry.health.last.map { Int64($0.at.timeIntervalSince1970 * 1000) }
        },
        Column("hides", "Folders of the same name that are not used") { $0.record.plugin.hidden },
      ]
  }
}

extension LoadedPlugin {
  /// What it provides, one a line, for example `primitive rocky.mint`.
  package var provides: [String] { manifest?.provides.lines(of: id, servesSystems: system != nil) ?? [] }

  fileprivate var capabilities: [String] { (manifest?.capabilities ?? []).map(\.rawValue).sorted() }
}

/// What is asked and told about plugins at the prompt.
package struct PluginPrimitives {
  private let host: PluginHost
  private let roots: [String]
  private let dialogue: any Dialogue

  /// `roots` are the directories that were looked in, those that do not exist too.
  package init(host: PluginHost, roots: [String], dialogue: any Dialogue) {
    self.host = host
    self.roots = roots
    self.dialogue = dialogue
  }

  package var all: [Primitive] { [list, info, enable, disable] }

  private var list: Primitive {
    Primitive(
      immediate: "plugins",
      "Lists plugins with version, state and what they provide, and says at a prompt where opsh looks for them.",
      returns: "One record per plugin",
      examples: [Example("plugins()", "what is loaded, and what failed and why")],
      topics: ["extensions", "runtimes"]
    ) { [host, roots, dialogue] () throws(CallFailure) in
      let records = host.all.map(PluginRecord.init)
      if dialogue.isInteractive || records.isEmpty {
        dialogue.say("looked in \(roots.isEmpty ? "no directory: there is no site" : roots.joined(separator: ", "))")
      }
      return records
    }
  }

  private var id: Parameter<String> {
    Parameter("id", "The plugin, as `plugins()` lists it", completion: .named("plugins"))
  }

  private var info: Primitive {
    Primitive(
      immediate: "plugin.info",
      "Shows one plugin: state, capabilities, settings, what it provides and what it did wrong last.",
      id,
      returns: "The plugin",
      examples: [Example(#"plugin.info "process""#, "the runtime that comes with opsh")],
      topics: ["extensions", "capabilities"]
    ) { [host] id throws(CallFailure) in
      PluginRecord.Page(record: PluginRecord(entry: try host.known(id)))
    }
  }

  private var enable: Primitive {
    Primitive(
      immediate: "plugin.enable",
      "Enables a plugin again, in this session.",
      id,
      returns: "The plugin",
      examples: [Example(#"plugin.enable "process""#, "after its cause of failure is fixed")],
      topics: ["extensions", "health"]
    ) { [host] id throws(CallFailure) in
      PluginRecord.Page(record: PluginRecord(entry: try host.set(id, enabled: true)))
    }
  }

  private var disable: Primitive {
    Primitive(
      immediate: "plugin.disable",
      "Disables a plugin in this session: its primitives refuse to run. Runtimes keep working.",
      id,
      returns: "The plugin",
      examples: [Example(#"plugin.disable "process""#, "until `plugin.enable`")],
      topics: ["extensions", "health"]
    ) { [host] id throws(CallFailure) in
      PluginRecord.Page(record: PluginRecord(entry: try host.set(id, enabled: false)))
    }
  }
}
