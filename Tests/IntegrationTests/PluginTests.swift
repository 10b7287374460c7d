import Foundation
import Testing

@Suite(.timeLimit(.minutes(2)))
struct PluginTests {
  /// Manifests that are wrong and what `plugins()` says of each.
  static let wrong = [
    (#"return { id = "other", version = "1.0.0", api = 2, summary = "s" }"#, "id: expected the name of its folder"),
    (#"return { id = "mine", version = "1.0", api = 2, summary = "s" }"#, "version: expected three numbers"),
    (#"return { id = "mine", version = "1.0.0", api = 9, summary = "s" }"#, "api: expected 2 or 1, got 9"),
    (#"return { id = "mine", version = "1.0.0", api = 2, sumary = "s" }"#, "sumary: expected a known key"),
    (#"return { id = "mine", version = "1.0.0", api = 2, summary = os.date() }"#, "plugin.lua:1"),
    (#"while true do end"#, "plugin.lua"), ("return 5", "expected a table"),
    (
      #"return { id = "mine", version = "1.0.0", api = 2, summary = "s", provides = { runtimes = { "mine" } } }"#,
      "promises the runtime 'mine'"
    ),
  ]

  @Test(arguments: wrong)
  func `a plugin that cannot be loaded says why, and the rest goes on`(_ manifest: String, _ said: String) async throws
  {
    let directory = RealFleet.scratch()
    let folder = directory + "/plugins/mine"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try manifest.write(toFile: folder + "/plugin.lua", atomically: true, encoding: .utf8)
    try "return { runtimes = {} }".write(toFile: folder + "/init.lua", atomically: true, encoding: .utf8)
    try #"return { name = "x", hosts = { { name = "me", transport = "local" } } }"#
      .write(toFile: directory + "/site.lua", atomically: true, encoding: .utf8)
    let run = try await Opsh(site: directory + "/site.lua", home: directory)("print_all(plugins())")
    #expect(run.status == 0, "\(run)")
    let line = try #require(run.lines.first { $0.hasPrefix("mine ") }, "\(run)")
    #expect(line.contains("failed") && line.contains(said), "\(line)")
    #expect(run.lines.contains { $0.hasPrefix("process ") && $0.contains("loaded") }, "\(run)")
  }

  @Test func `a runbook of a plugin reaches no further than the plugin`() async throws {
    let directory = RealFleet.scratch()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let files = [
      "site.lua": #"return { name = "x", hosts = { { name = "me", transport = "local" } } }"#,
      "plugins/mute/plugin.lua": #"""
      return { id = "mute", version = "1.0.0", api = 2, summary = "May do nothing", provides = { runbooks = { "try" } } }
      """#,
      "plugins/mute/runbooks/try.lua": """
      return {
        version = "1.0.0", effects = { "changes" },
        run = function(job)
          job:step("write", function() fleet.put { on = "me", path = "escaped", content = "x" } end)
        end,
      }
      """,
    ]
    for (name, text) in files {
      let path = "\(directory)/\(name)"
      let folder = (path as NSString).deletingLastPathComponent
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    let opsh = Opsh(site: directory + "/site.lua", home: directory)
    let run = try await opsh(#"runbook.run<name="mute/try">"#, "--yes")
    #expect(run.status != 0, "\(run)")
    #expect("\(run)".contains("plugin 'mute' called fleet.put without the capability 'hosts:change'"), "\(run)")
    #expect(!FileManager.default.fileExists(atPath: "\(directory)/escaped"))
  }
}
