import Foundation
import OpshTesting
import PseudoTerminal
import Subprocess
import Testing

/// Types what a page says.
struct PageReader {
  static let patience = Duration.seconds(120)

  let directory: String
  let environment: [String: String]

  /// Does what the blocks of a page say, from the first to the last.
  func read(_ page: DocumentPage) async throws {
    for block in page.blocks {
      switch block {
      case .file(let path, let text):
        let folder = ("\(directory)/\(path)" as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try text.write(toFile: "\(directory)/\(path)", atomically: true, encoding: .utf8)
      case .console(let commands, let code): try await run(commands, code: code)
      case .session(let commands, let code): try await play(commands, code: code)
      }
    }
  }

  private func run(_ commands: [DocumentPage.Command], code: Int32) async throws {
    for (number, command) in commands.enumerated() {
      let ending = try await shell(command.line)
      let output =
        String(decoding: ending.output, as: UTF8.self) + String(decoding: ending.errorOutput, as: UTF8.self)
      let expected = number == commands.count - 1 ? code : 0
      #expect(ending.status == expected, "\(command)\n\(output)")
      for line in command.expected {
        #expect(DocumentPage.matches(line, output), "\(command)\nexpected \(line)\n\(output)")
      }
    }
  }

  private func play(_ commands: [DocumentPage.Command], code: Int32) async throws {
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
          try await terminal.expect(text.trimmingCharacters(in: .whitespaces), within: Self.patience)
        }
        if parts.count > 1 { try terminal.send(parts[1].prefix { $0 != "⟩" } + "\n") }
      }
      // What a command comes to is the last one's to say.
      let exit = try await terminal.exit(within: Self.patience)
      if number == commands.count - 1 { #expect(exit == .code(code), "\(command)") }
    }
  }

  private func shell(_ line: String) async throws -> Subprocess.Ending {
    var shell = Subprocess(
      path: "/bin/sh",
      arguments: ["-c", "cd '\(directory)' && \(try await filled(line))"],
      environment: environment
    )
    shell.timeout = Self.patience
    return try await shell.run()
  }

  /// The line with the id of the newest run in place of RUN.
  private func filled(_ line: String) async throws -> String {
    guard line.contains("RUN") else { return line }
    let ending = try await shell(#"opsh --quiet -e 'print(runs()[1].id)'"#)
    let id = String(decoding: ending.output, as: UTF8.self).split(separator: "\n").first.map(String.init)
    return line.replacing("RUN", with: try #require(id))
  }

  /// The environment of a reader whose home is given: opsh is on the path, and nothing of the machine's own shows.
  static func environment(home: String?) -> [String: String] {
    let folder = (Opsh.program as NSString).deletingLastPathComponent
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return PseudoTerminal.environment([
      "HOME": home, "PATH": "\(folder):\(path)", "XDG_CONFIG_HOME": nil, "XDG_STATE_HOME": nil, "OPSH_SITE": nil,
    ])
  }
}
