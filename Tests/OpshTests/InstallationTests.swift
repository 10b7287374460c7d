import Foundation
import PseudoTerminal
import Testing

/// Where opsh finds what belongs to it.
struct InstallationTests {
  private let place: Scratch

  init() throws {
    place = try Scratch()
    try place.file("site.lua", #"return { name = "here", hosts = { { name = "me", transport = "local" } } }"#)
    let plugin = #"return { id = "mine", version = "1.2.3", api = 2, summary = "s" }"#
    try place.file("prefix/share/opsh/plugins/mine/plugin.lua", plugin)
    try place.file("prefix/share/opsh/plugins/mine/init.lua", "return {}")
    let bin = "\(place.path)/prefix/bin"
    try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
    let program = PseudoTerminal.product("opsh")
    try FileManager.default.createSymbolicLink(atPath: "\(bin)/opsh-1.0", withDestinationPath: program)
    try FileManager.default.createSymbolicLink(atPath: "\(bin)/opsh", withDestinationPath: "opsh-1.0")
  }

  private func run(_ program: String, path: String = "/usr/bin:/bin") throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program, "--site", "\(place.path)/site.lua", "-e", "print_all(plugins())"]
    process.environment = ["HOME": place.path, "PATH": path]
    process.currentDirectoryURL = URL(filePath: place.path)
    let output = try FileHandle(forWritingTo: place.file(".out", ""))
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return try String(contentsOfFile: "\(place.path)/.out", encoding: .utf8)
  }

  @Test(arguments: ["PLACE/prefix/bin/opsh", "prefix/bin/opsh", "opsh"])
  func `the share directory lies beside a link that leads to the program`(_ word: String) throws {
    let bin = "\(place.path)/prefix/bin"
    let said = try run(word.replacing("PLACE", with: place.path), path: "\(bin):/usr/bin:/bin")
    #expect(
      said.contains("1.2.3") && said.contains("prefix/bin/../share/opsh/plugins/mine")
        || said.contains("prefix/share/opsh/plugins/mine"),
      "\(said)"
    )
  }

  @Test func `without plugins it is said where opsh looked`() throws {
    try place.file("site.lua", #"return { name = "here", hosts = { { name = "me", transport = "local" } } }"#)
    let run = try OpshRun("--site", "site.lua", "-e", "plugins()", environment: ["HOME": place.path], directory: place)
    #expect(run.status == 0, "\(run)")
    // The checkout of this build has plugins, so here it is the table that says where each lies.
    #expect(run.output.contains("/plugins/process"), "\(run)")
  }

  @Test(arguments: [
    ("images", "the runtime 'process' keeps 'images'"), ("bot1-prev", "the host script keeps '*-prev'"),
  ])
  func `a bot that has a name of its runtime is refused with its line`(_ bot: String, _ words: String) throws {
    try place.file(
      "bad.lua",
      """
      return {
        name = "here",
        hosts = {
          { name = "me", transport = "local", bots = "bot[1-2]" },
          { name = "you", transport = "local", bots = "bot9,\(bot)" },
        },
      }
      """
    )
    let run = try OpshRun(
      "--site",
      "bad.lua",
      "-e",
      "fleet.bots()",
      environment: ["HOME": place.path],
      directory: place
    )
    #expect(run.status == 65, "\(run)")
    #expect(run.errors.contains("bad.lua:5: hosts[2].bots: expected names not reserved by the runtime"), "\(run)")
    #expect(run.errors.contains("'\(bot)': \(words) for itself"), "\(run)")
  }
}
