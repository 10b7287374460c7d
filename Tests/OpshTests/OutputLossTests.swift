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
