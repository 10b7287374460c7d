import Foundation
import OpshLab
import Testing

/// Checks of real hosts, as monitoring and operators call them.
@Suite(.timeLimit(.minutes(3)))
struct CheckTests {
  @Test func `monitoring gets a line, an exit status and Prometheus text, and a dead host is UNKNOWN`() async throws {
    try await RealFleet.with(hosts: 3) { fleet in
      let fine = try await fleet.opsh.run(["check", "host.clock"])
      #expect(fine.status == 0, "\(fine)")
      #expect(fine.lines.first?.hasPrefix("OK: 3 findings: 3 OK | 'host.clock web001'=0;~:2;~:60 ") == true, "\(fine)")
      #expect(fine.lines.last == "OK host.clock web[001-003] (3): 0 s; OK is at most 2", "\(fine)")

      try await fleet.lab.break(.sshd, host: "web002")
      let dead = try await fleet.opsh.run(["check", "host.clock"])
      #expect(dead.status == 3, "\(dead)")
      #expect(dead.lines.first?.hasPrefix("UNKNOWN: 3 findings: 1 UNKNOWN, 2 OK | ") == true, "\(dead)")
      #expect(dead.output.contains("\nUNKNOWN host.clock web002: web002 cannot be reached"), "\(dead)")

      let text = try await fleet.opsh.run(["check", "host.clock", "--prometheus"])
      #expect(text.status == 3, "\(text)")
      #expect(text.lines.contains(#"opsh_check_level{check="host.clock",subject="web002",unit="s"} 3"#), "\(text)")
      #expect(!text.output.contains(#"opsh_check_value{check="host.clock",subject="web002""#), "\(text)")
    }
  }

  @Test func `a check that fails itself is UNKNOWN to monitoring, and ends as ever when told so`() async throws {
    try await RealFleet.with(hosts: 1) { fleet in
      for (words, said, code) in [
        (
          ["check", "host.clok"],
          "UNKNOWN: no check is called 'host.clok'; did you mean 'host.clock', 'host.disk' or 'host.load'?", 65
        ),
        (["check"], "UNKNOWN: check needs a check, or a pattern such as 'host.*'", 64),
        (["check", "host.clock", "--bogus"], "UNKNOWN: unknown option '--bogus'", 64),
        (["check", "host.clock", "--site", "/nonexistent.lua"], "UNKNOWN: ", 65),
      ] as [([String], String, Int32)] {
        let unknown = try await fleet.opsh.run(words)
        #expect(unknown.status == 3, "\(unknown)")
        #expect(unknown.lines.first?.hasPrefix(said) == true && unknown.lines.count == 1, "\(unknown)")
        let own = try await fleet.opsh.run(words + ["--opsh-codes"])
        #expect(own.status == code && !own.output.contains("UNKNOWN"), "\(own)")
      }
    }
  }

  @Test func `a gate of the site keeps a runbook from starting until it opens`() async throws {
    try await RealFleet.with(hosts: 2) { fleet in
      let site = try String(contentsOfFile: fleet.lab.site, encoding: .utf8)
      let gated = site.replacing(
        "return {",
        with: "return { gates = \"host.clock\", checks = { [\"host.clock\"] = { deadline = 20 } },",
        maxReplacements: 1
      )
      try gated.write(toFile: fleet.lab.site, atomically: true, encoding: .utf8)
      let open = try await fleet.opsh("return #check()")
      #expect(open.status == 0, "\(open)")

      try await fleet.lab.break(.sshd, host: "web002")
      let book = fleet.lab.site.replacing("site.lua", with: "note.lua")
      try
        #"return { version = "1.0.0", summary = "Notes", effects = { "changes" }, run = function(job) job:note("x") end }"#
        .write(toFile: book, atomically: true, encoding: .utf8)
      let refused = try await fleet.opsh.run(["--yes", book])
      #expect(refused.status == 6, "\(refused)")
      #expect(refused.errors.contains("UNKNOWN host.clock web002"), "\(refused)")
      try await fleet.lab.mend()
      let run = try await fleet.opsh.run(["--yes", book])
      #expect(run.status == 0, "\(run)")
    }
  }
}
