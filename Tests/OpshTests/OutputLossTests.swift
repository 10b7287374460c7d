import Foundation
import Testing

/// Text that cannot be written.
struct OutputLossTests {
  @Test(arguments: [
    ["--catalog"], ["completion", "bash"], ["--help"], ["--version"], ["-e", "print(1)"], ["-e", "1 + 1"],
    ["--json", "-e", "print(1)"],
  ])
  func `output that a full disk loses is an error`(words: [String]) throws {
    let run = try OpshRun(words, shell: "exec >/dev/full")
    #expect(run.status == 65, "\(run)")
    #expect(run.errors.contains("opsh: standard output cannot be written: No space left on device"), "\(run)")
  }

  // 65 means nothing to a monitoring system, or OK.
  @Test(arguments: [
    ("ok = { above = -1 }", "", 3), ("ok = { above = 1e9 }, bad = { below = 1e6 }", "", 2),
    ("ok = { above = -1 }", "--opsh-codes", 65), ("ok = { above = -1 }", "--prometheus", 3),
    ("ok = { above = -1 }", "--json", 3),
  ])
  func `findings that nobody can read are UNKNOWN to monitoring`(bounds: String, option: String, status: Int32) throws {
    let place = try Scratch()
    try place.file(
      "site.lua",
      """
      return { name = "lab", journal = "\(place.path)/journal", hosts = { { name = "me", transport = "local" } },
        checks = { ["here.is"] = { kind = "file_age", path = "x", \(bounds) } } }
      """
    )
    try place.file("x", "")
    let words = ["--site", "site.lua", "check", "here.is"] + [option].filter { !$0.isEmpty }
    let environment = ["HOME": place.path, "XDG_STATE_HOME": place.path, "PATH": "/usr/bin:/bin"]
    let run = try OpshRun(words, environment: environment, directory: place, shell: "exec >/dev/full")
    #expect(run.status == status, "\(run)")
  }

  @Test func `a journal's exports and lists on a full disk are errors`() throws {
    let place = try Scratch()
    let host = #"hosts = { { name = "me", transport = "local" } }"#
    try place.file("site.lua", #"return { name = "lab", journal = "\#(place.path)/journal", \#(host) }"#)
    let environment = ["HOME": place.path, "XDG_STATE_HOME": place.path, "PATH": "/usr/bin:/bin"]
    let site = ["--site", "site.lua"]
    let change = try OpshRun(
      site + ["-y", "-e", #"fleet.exec { on = "me", cmd = "true" }"#],
      environment: environment,
      directory: place
    )
    #expect(change.status == 0, "\(change)")
    for words in [["audit", "export"], ["runs"]] {
      let kept = try OpshRun(site + words, environment: environment, directory: place)
      #expect(kept.status == 0 && !kept.output.isEmpty, "\(kept)")
      let run = try OpshRun(site + words, environment: environment, directory: place, shell: "exec >/dev/full")
      #expect(run.status == 65, "\(run)")
      #expect(run.errors.contains("No space left on device"), "\(run)")
    }
  }
}
