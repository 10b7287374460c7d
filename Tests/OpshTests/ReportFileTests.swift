import Foundation
import Testing

/// Files that options name and that cannot be written.
struct ReportFileTests {
  @Test(arguments: ["--report", "--junit"])
  func `a report that cannot be written is found before the script`(option: String) throws {
    let place = try Scratch()
    try place.file("x.lua", "print('begun')")
    for path in ["none/x", ".", "x.lua/y"] {
      let run = try OpshRun([option, path, "x.lua"], directory: place)
      #expect(run.output == "", "\(run)")
      #expect(run.errors.contains("\(path) cannot be written: "), "\(run)")
      #expect(run.status == 65, "\(run)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path).filter { $0.hasPrefix(".opsh") } == [])
  }

  @Test func `a plan that cannot be written is found before the runbook is planned`() throws {
    let place = try Scratch()
    try place.file("x.lua", #"return { version = "1.0.0", run = function() print("begun") end }"#)
    let run = try OpshRun(["--dry-run", "--plan-out", "none/x", "x.lua"], directory: place)
    #expect(run.output == "", "\(run)")
    #expect(run.status == 65, "\(run)")
  }

  @Test func `a file may have a name of one letter`() throws {
    let place = try Scratch()
    try place.file("s", #"return { name = "lab", hosts = { { name = "me", transport = "local" } } }"#)
    try place.file("x", "print(1)")
    try place.file("x.lua", #"return { version = "1.0.0", run = function() end }"#)
    for words in [
      ["--report", "r", "--junit", "j", "--dry-run", "--plan-out", "p", "x.lua"], ["--site", "s", "-e", "1"],
      ["--dry-run", "--record", "d", "-e", "1"], ["journal", "backup", "b"], ["approve", "p", "--dry-run"],
      ["audit", "verify", "--head", "x"], ["lint", "x"], ["sign", "x", "--key", "k"],
    ] {
      let run = try OpshRun(["--site", "s"] + words, environment: ["HOME": place.path], directory: place)
      #expect([0, 6, 65].contains(run.status), "\(words) \(run)")
    }
    for name in ["r", "j", "p"] { #expect(FileManager.default.fileExists(atPath: "\(place.path)/\(name)"), "\(name)") }
  }

  // It was 0, whatever became of the report.
  @Test(arguments: [("", Int32(65)), ("error { class = 'unavailable', code = 'x.y', message = 'no' }", 4)])
  func `a report that fails after all is no success, and leaves the exit code of a failure`(
    more: String,
    status: Int32
  ) throws {
    let place = try Scratch()
    let host = #"hosts = { { name = "me", transport = "local" } }"#
    try place.file("site.lua", #"return { name = "lab", journal = "\#(place.path)/journal", \#(host) }"#)
    try place.file("reports/here", "")
    try place.file("x.lua", #"fleet.query("me", "rm -rf \#(place.path)/reports") print("done") \#(more)"#)
    let run = try OpshRun(
      ["--site", "site.lua", "--report", "reports/x", "x.lua"],
      environment: ["HOME": place.path, "XDG_STATE_HOME": place.path, "PATH": "/usr/bin:/bin"],
      directory: place
    )
    #expect(run.output.contains("done\n"), "\(run)")
    #expect(run.errors.contains("reports/x cannot be written: "), "\(run)")
    #expect(run.status == status, "\(run)")
  }

  @Test func `specs whose report cannot be written did not pass`() throws {
    let place = try Scratch()
    try place.file("x.lua", #"return { version = "1.0.0", run = function() end }"#)
    try place.file("x_spec.lua", #"return { { name = "runs", state = "ok" } }"#)
    let run = try OpshRun(
      ["spec", "x_spec.lua", "--junit", "/dev/full"],
      environment: ["HOME": place.path],
      directory: place
    )
    #expect(run.output.contains("1 of 1 case passed") && run.status == 65, "\(run)")
  }

  @Test func `a report to a device is written there and does not replace it`() throws {
    let place = try Scratch()
    try place.file("x.lua", "print(1)")
    let run = try OpshRun(["--report", "/dev/stderr", "x.lua"], directory: place)
    #expect(run.status == 0, "\(run)")
    var status = stat()
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
    #expect(try OpshRun(["--report", "/dev/null", "x.lua"], directory: place).status == 0)
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
  }
}
