import Foundation
import Testing

/// A host that a program reaches behaves like any other.
struct PluginTransportTests {
  private let place: Scratch

  init() throws {
    place = try Scratch()
    try site("box")
    try plugin(#"{ command = { "./reach", "%h", "%u", "%c" } }"#)
    // A program that reaches the host by being on it.
    try place.file("plugins/box/reach", "#!/bin/sh\necho \"$1\" >> '\(place.path)/reached'\nexec sh -c \"$3\"\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(place.path)/plugins/box/reach")
  }

  private func site(_ transport: String) throws {
    let host = "{ name = \"web1\", transport = \"\(transport)\" }"
    try place.file("site.lua", "return {\n  name = \"here\",\n  hosts = {\n    \(host),\n  },\n}\n")
  }

  private func plugin(_ transport: String) throws {
    let manifest = """
      return { id = "box", version = "1.0.0", api = 2, summary = "Reaches boxes",
        capabilities = { "programs" }, provides = { transports = { "box" } } }
      """
    try place.file("plugins/box/plugin.lua", manifest)
    try place.file("plugins/box/init.lua", "return {\n  transports = {\n    box = \(transport),\n  },\n}\n")
  }

  private func opsh(_ words: String...) throws -> OpshRun {
    try OpshRun(words, environment: ["HOME": place.path, "PATH": "/usr/bin:/bin"], directory: place)
  }

  @Test func `commands and files go through the program`() throws {
    let run = try opsh("-e", "print(fleet.query{ on = 'web1', cmd = 'echo hello; exit 3' }[1].status)")
    #expect(run.output.hasSuffix("  hello\n3\n"), "\(run)")
    let put = try opsh("--yes", "-e", "fleet.put{ on = 'web1', path = '~/note', content = 'x' };")
    #expect(put.status == 0, "\(put)")
    #expect(try String(contentsOfFile: "\(place.path)/note", encoding: .utf8) == "x")
    #expect(try String(contentsOfFile: "\(place.path)/reached", encoding: .utf8).hasPrefix("web1\n"))
    #expect(try opsh("check", "host.load").status != 3)
  }

  @Test func `its program is that of the plugin, wherever opsh is started`() throws {
    let elsewhere = try Scratch()
    try elsewhere.file("reach", "#!/bin/sh\nexec sh -c \"$3\"\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(elsewhere.path)/reach")
    let run = try OpshRun(
      ["--site", "\(place.path)/site.lua", "-e", "print(fleet.query{ on = 'web1', cmd = 'true' }[1].status)"],
      environment: ["HOME": place.path, "PATH": "/usr/bin:/bin"],
      directory: elsewhere
    )
    #expect(run.status == 0 && run.output.hasSuffix("0\n"), "\(run)")
    #expect(FileManager.default.fileExists(atPath: "\(place.path)/reached"))
  }

  @Test func `a stop knows what the last session read of it`() throws {
    #expect(try opsh("-e", "print(1)").status == 0)
    let stop = try opsh("stop", "web1", "--dry-run")
    #expect(!(stop.output + stop.errors).contains("transport"), "\(stop)")
    try site("bx")
    try plugin("{ command = { 'x', '%c' } }")
    let wrong = try opsh("stop", "web1", "--dry-run")
    #expect((wrong.output + wrong.errors).contains("using the site as read"), "\(wrong)")
  }

  @Test func `a transport that nobody has is told with its line and the nearest name`() throws {
    try site("bx")
    let run = try opsh("-e", "print(1)")
    #expect(run.status == 65 && run.errors.contains("site.lua:4: hosts[1].transport: expected"), "\(run)")
    #expect(run.errors.contains("did you mean 'box'?"), "\(run)")
  }

  @Test func `while its plugin cannot be loaded its hosts are unreachable, and nothing else is wrong`() throws {
    try plugin("{ commnd = {} }")
    let run = try opsh("-e", "print(fleet.query{ on = 'web1', cmd = 'true' }[1].state)")
    #expect(run.output.hasSuffix("unreachable\n"), "\(run)")
    #expect(run.output.contains("./plugins/box/init.lua:3: transports.box.commnd"), "\(run)")
    let why = try opsh("-e", "print(fleet.query{ on = 'web1', cmd = 'true' }[1].detail)")
    #expect(why.output.contains("no plugin that is loaded has the transport 'box'"), "\(why)")
  }
}
