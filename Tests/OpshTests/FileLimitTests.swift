import Foundation
import Testing

/// What opsh does with few file descriptors; the hosts are this machine.
struct FileLimitTests {
  private let directory: Scratch

  init() throws {
    directory = try Scratch()
    let hosts = #"hosts = { { name = "web[001-060]", transport = "local" } }"#
    try directory.file("site.lua", #"return { name = "lab", journal = "\#(directory.path)/journal", \#(hosts) }"#)
  }

  private func opsh(_ words: String..., shell: String) throws -> OpshRun {
    let environment = ["HOME": directory.path, "XDG_STATE_HOME": directory.path, "PATH": "/usr/bin:/bin"]
    return try OpshRun(
      ["--site", "site.lua"] + words,
      environment: environment,
      directory: directory,
      shell: shell
    )
  }

  @Test func `sixty hosts are asked with 64 descriptors, a few at a time`() throws {
    let code =
      #"local n = 0 for _, r in ipairs(fleet.query("*", "echo hi")) do if r.output == "hi\n" then n = n + 1 end end print(n)"#
    let run = try opsh("-e", code, shell: "ulimit -n 64")
    #expect(run.output.hasSuffix("\n60\n"), "\(run)")
    #expect(run.status == 0, "\(run)")
    #expect(run.errors == "running on 60 hosts\n", "\(run)")
  }

  @Test func `the soft limit is raised to the hard one`() throws {
    let run = try opsh("-e", #"print(#fleet.query("*", "true"))"#, shell: "ulimit -S -n 20")
    #expect(run.output.hasSuffix("\n60\n"), "\(run)")
    #expect(run.status == 0, "\(run)")
  }

  @Test func `too few descriptors are said in one line with a hint, and nothing begins`() throws {
    let run = try opsh("-e", "print(1)", shell: "ulimit -n 12")
    #expect(run.output == "", "\(run)")
    #expect(
      run.errors == """
        opsh: too few file descriptors: the limit is 12, 3 are in use, and opsh needs 44 more
          hint: raise the limit in the shell that starts opsh, for example `ulimit -n 4096`

        """
    )
    #expect(run.status == 6, "\(run)")
  }

  @Test func `help and version need no descriptors`() throws {
    #expect(try OpshRun(["--version"], shell: "ulimit -n 12").status == 0)
    #expect(try opsh("--help", shell: "ulimit -n 12").status == 0)
  }
}
