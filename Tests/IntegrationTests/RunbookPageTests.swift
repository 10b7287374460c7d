import Foundation
import OpshLab
import PseudoTerminal
import Subprocess
import Testing

/// Runs `docs/runbooks.md` from its first example to its last, as a newcomer does.
@Suite(.timeLimit(.minutes(10)))
struct RunbookPageTests {
  private static let patience = Duration.seconds(120)

  @Test func `every example of the page about runbooks does what it says`() async throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../docs/runbooks.md").standardizedFileURL
    let page = RunbookPage(try String(contentsOf: file, encoding: .utf8))
    try await RealFleet.with(hosts: 3) { fleet in
      let directory = try #require(fleet.opsh.home) + "/work"
      try FileManager.default.createDirectory(atPath: directory + "/runbooks", withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: fleet.lab.site, toPath: directory + "/site.lua")
      // The page has a runbook of opsh's own, too.
      let deploy = file.deletingLastPathComponent().appendingPathComponent("../runbooks/deploy.lua").standardizedFileURL
      try FileManager.default.copyItem(
        atPath: deploy.path(percentEncoded: false),
        toPath: directory + "/runbooks/deploy.lua"
      )
      let reader = Reader(directory: directory, environment: environment(fleet))
      for block in page.blocks {
        switch block {
        case .file(let path, let text):
          try text.write(toFile: "\(directory)/\(path)", atomically: true, encoding: .utf8)
        case .console(let commands, let code): try await reader.run(commands, code: code)
        case .session(let commands, let code): try await reader.play(commands, code: code)
        }
      }
    }
  }

  private func environment(_ fleet: RealFleet) -> [String: String] {
    let folder = (Opsh.program as NSString).deletingLastPathComponent
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return PseudoTerminal.environment([
      "HOME": fleet.opsh.home, "PATH": "\(folder):\(path)", "XDG_CONFIG_HOME": nil, "XDG_STATE_HOME": nil,
      "OPSH_SITE": nil,
    ])
  }

  /// Types what a page says.
  private struct Reader {
    let directory: String
    let environment: [String: String]

    func run(_ commands: [RunbookPage.Command], code: Int32) async throws {
      for (number, command) in commands.enumerated() {
        let ending = try await shell(command.line)
        let output =
          String(decoding: ending.output, as: UTF8.self) + String(decoding: ending.errorOutput, as: UTF8.self)
        let expected = number == commands.count - 1 ? code : 0
        #expect(ending.status == expected, "\(command)\n\(output)")
        for line in command.expected {
          #expect(RunbookPage.matches(line, output), "\(command)\nexpected \(line)\n\(output)")
        }
      }
    }

    func play(_ commands: [RunbookPage.Command], code: Int32) async throws {
      for (number, command) in commands.enumerated() {
        let terminal = try PseudoTerminal.spawn(
          "/bin/sh",
          arguments: ["-c", "cd '\(directory)' && \(try await filled(command.line))"],
          environment: environment,
          rows: 50,
          columns: 120
        )
        for line in command.expected {
          let parts = line.split(separator: "⟨", maxSplits: 1).map(String.init)
          for text in parts[0].components(separatedBy: "…") where text.contains(where: { !$0.isWhitespace }) {
            try await terminal.expect(text.trimmingCharacters(in: .whitespaces), within: patience)
          }
          if parts.count > 1 { try terminal.send(parts[1].prefix { $0 != "⟩" } + "\n") }
        }
        // What a command comes to is the last one's to say.
        let exit = try await terminal.exit(within: patience)
        if number == commands.count - 1 { #expect(exit == .code(code), "\(command)") }
      }
    }

    private func shell(_ line: String) async throws -> Subprocess.Ending {
      var shell = Subprocess(
        path: "/bin/sh",
        arguments: ["-c", "cd '\(directory)' && \(try await filled(line))"],
        environment: environment
      )
      shell.timeout = patience
      return try await shell.run()
    }

    /// The line with the id of the newest run in place of RUN.
    private func filled(_ line: String) async throws -> String {
      guard line.contains("RUN") else { return line }
      let ending = try await shell(#"opsh --quiet -e 'print(runs()[1].id)'"#)
      let id = String(decoding: ending.output, as: UTF8.self).split(separator: "\n").first.map(String.init)
      return line.replacing("RUN", with: try #require(id))
    }
  }
}
