import Foundation
import OpshLab
import PseudoTerminal
import Subprocess
import Testing

/// Does what `docs/ci.md` says with the files that stand beside it, as the repository of a user has them.
@Suite(.timeLimit(.minutes(5)))
struct CheckPageTests {
  private static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../..").standardizedFileURL.path(percentEncoded: false)
  private static let check = "opsh --dry-run --site ci/site.lua runbooks/*.lua"
  private static let record = "opsh --dry-run --site ci/site.lua --record ci/recording runbooks/*.lua"
  private static let books = ["deploy", "exec", "restart", "rollback"]

  private struct Repository {
    let path: String
    let home: String

    /// Copies the documented files; hosts and images of the site are those of a lab.
    init(_ fleet: RealFleet) throws {
      home = try #require(fleet.opsh.home)
      path = home + "/repository"
      let files = FileManager.default
      try files.createDirectory(atPath: path, withIntermediateDirectories: true)
      try files.copyItem(atPath: "\(checkout)/docs/ci", toPath: "\(path)/ci")
      try files.copyItem(atPath: "\(checkout)/runbooks", toPath: "\(path)/runbooks")
      let plugins = (fleet.lab.site as NSString).deletingLastPathComponent + "/plugins"
      try files.copyItem(atPath: plugins, toPath: "\(path)/ci/plugins")
      let example = try String(contentsOfFile: "\(path)/ci/site.lua", encoding: .utf8)
      let start = try #require(example.range(of: "\n  dry_run = {\n"))
      let lab = try String(contentsOfFile: fleet.lab.site, encoding: .utf8)
      let end = try #require(lab.range(of: "}", options: .backwards))
      let site = lab[..<end.lowerBound] + example[start.lowerBound...]
      try site.write(toFile: "\(path)/ci/site.lua", atomically: true, encoding: .utf8)
    }

    /// Types a line in the repository.
    func type(_ line: String) async throws -> Opsh.Outcome {
      let folder = (Opsh.program as NSString).deletingLastPathComponent
      var shell = Subprocess(
        path: "/bin/sh",
        arguments: ["-c", "cd '\(path)' && \(line)"],
        environment: PseudoTerminal.environment([
          "HOME": home, "PATH": "\(folder):/usr/bin:/bin", "XDG_CONFIG_HOME": nil, "XDG_STATE_HOME": nil,
          "OPSH_SITE": nil,
        ])
      )
      shell.timeout = .seconds(120)
      let ending = try await shell.run()
      return Opsh.Outcome(
        status: ending.status,
        output: String(decoding: ending.output, as: UTF8.self),
        errors: String(decoding: ending.errorOutput, as: UTF8.self)
      )
    }

    func text(_ name: String) throws -> String { try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }

    /// Takes the first read of a host out of the recording; answers the beginning of its command.
    func forgetRead(of host: String) throws -> String {
      let file = URL(fileURLWithPath: "\(path)/ci/recording/hosts/\(host).json")
      var object = try #require(
        try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
      )
      let reads = try #require(object["reads"] as? [[String: Any]])
      object["reads"] = Array(reads.dropFirst())
      try JSONSerialization.data(withJSONObject: object).write(to: file)
      return String(try #require(reads.first?["asked"] as? String).prefix(30))
    }
  }

  @Test func `the documented command checks the shipped runbooks when the fleet is gone`() async throws {
    let page = try String(contentsOfFile: "\(Self.checkout)/docs/ci.md", encoding: .utf8)
    for command in [Self.check, Self.record] { #expect(page.contains("\n    \(command)\n"), "\(command)") }
    try await RealFleet.with(hosts: 2) { fleet in
      // There is something to go back to, and something to go to.
      let deploy = try await fleet.opsh(#"fleet.deploy<target="all", speed="fast">"#, "--yes")
      #expect(deploy.status == 0, "\(deploy)")
      let place = try Repository(fleet)
      let recorded = try await place.type(Self.record)
      #expect(recorded.status == 0 && recorded.output.contains("recorded "), "\(recorded)")
      try await fleet.lab.down()

      let checked = try await place.type(Self.check)
      #expect(checked.status == 0, "\(checked)")
      for name in Self.books {
        #expect(try checked.output.contains(Regex("Runbook +\(name) ")), "\(name): \(checked)")
      }
      #expect(checked.output.contains("  of the site  target"), "\(checked)")

      // A review that is overdue some day is the author's business.
      let script = try await place.type("sed -i 's/ --strict//' ci/check.sh && ci/check.sh")
      #expect(script.status == 0, "\(script)")
      let report = try place.text("reports/runbooks.xml")
      for name in Self.books { #expect(report.contains("<testsuite name=\"runbooks/\(name).lua\""), "\(report)") }
      #expect(!report.contains("<failure"), "\(report)")
      #expect(try place.text("reports/runbooks.json").contains("\"name\" : \"rollback\""))

      let wrong = try await place.type("\(Self.check) targett=web001")
      #expect(wrong.status == 64 && wrong.errors.contains("'targett'"), "\(wrong)")

      let command = try place.forgetRead(of: "web002")
      let lacking = try await place.type("ci/check.sh")
      #expect(lacking.status == 65, "\(lacking)")
      #expect(lacking.errors.contains("web002") && lacking.errors.contains(command), "\(lacking)")
      let failed = try place.text("reports/runbooks.xml")
      #expect(failed.contains("recording.missing"), "\(failed)")
      for name in Self.books { #expect(failed.contains("<testsuite name=\"runbooks/\(name).lua\""), "\(failed)") }
    }
  }

  @Test func `the documented site is whole`() async throws {
    let opsh = Opsh(site: "\(Self.checkout)/docs/ci/site.lua", home: RealFleet.scratch())
    let hosts = try await opsh("print(#fleet.hosts())")
    #expect(hosts.status == 0 && hosts.output == "6\n", "\(hosts)")
  }
}
