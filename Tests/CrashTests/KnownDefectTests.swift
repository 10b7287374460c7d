import Foundation
import Journal
import OpshLab
import PrimitiveKit
import Subprocess
import Testing

/// Defects of other tools that the real program must not have; the numbers are those of the reference.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct KnownDefectTests {
  private func header(_ body: String) -> String {
    """
    return {
      version = "1.0.0", owner = "tests", updated = "2026-01-01", effects = { "changes" }, lock = "fleet",
      run = function(job)
    \(body)
      end,
    }
    """
  }

  @Test func `D5: a dry run computes nothing from a command that it did not run`() async throws {
    try await Prey.with(hosts: 1) { prey in
      let book = prey.directory + "/book.lua"
      let body = """
            local old = fleet.exec { on = "web001", cmd = "echo 7" }[1].output
            local version = tonumber(old) + 1
            job:step("write", function()
              fleet.put { on = "web001", path = "version", content = tostring(version) .. "\\n" }
            end)
        """
      try prey.write(header(body), to: book)
      let dry = try await prey.opsh("--dry-run", book)
      #expect(!dry.output.contains("put 2 bytes at version"), "\(dry)")
      #expect(dry.output.contains("guess") || dry.output.contains("not seen"), "\(dry)")
      #expect(dry.output.contains("book.lua:"), "\(dry)")
      let real = try await prey.opsh(book)
      #expect(real.status == 0, "\(real)")
      #expect(prey.lines(of: "version", on: "web001") == ["8"])
    }
  }

  @Test func `D8: hosts that failed, said nothing or did not answer are in the view and in the exit code`() async throws
  {
    try await Prey.with(hosts: 4) { prey in
      try await prey.lab.break(.sshd, host: "web004")
      let command = #"fleet.query("*", "case $OPSH_LAB_HOST in web001) echo yes;; web002) exit 3;; esac")"#
      let run = try await prey.opsh("-e", command)
      #expect(run.status == 1, "\(run)")
      for host in prey.lab.hosts { #expect(run.output.contains("\(host.name) (1):"), "\(host.name): \(run)") }
      let sum = "4 hosts: 2 ok (1 without output), 1 failed, 0 timed out, 0 unknown, 1 unreachable, 0 not run"
      #expect(run.output.contains(sum), "\(run)")
    }
  }

  @Test func `D10: a command that outlives its opsh is found again and its end is known`() async throws {
    try await Prey.with(hosts: 1) { prey in
      let book = prey.directory + "/book.lua"
      let body = """
            job:step("long", function()
              return fleet.exec { on = "web001", cmd = "echo began >>trace; sleep 2; echo ended >>trace" }[1].ok
            end)
        """
      try prey.write(header(body), to: book)
      let program = try await prey.command([book])
      let work = Task { try await program.run() }
      while prey.lines(of: "trace", on: "web001") != ["began"] { try await Task.sleep(for: .milliseconds(5)) }
      // Kills the process group at once.
      work.cancel()
      _ = try await work.value
      let run = try #require(try await prey.newestRun())
      #expect(run.state == .interrupted)
      let resumed = try await prey.opsh("resume", run.id)
      #expect(resumed.status == 0, "\(resumed)")
      #expect(prey.lines(of: "trace", on: "web001") == ["began", "ended"])
      let operation = try await prey.withJournal {
        try await $0.operations(of: run.id).first { $0.kind == "host.exec" }
      }
      #expect(operation?.state == .done && operation?.isAdopted == true)
    }
  }
}
