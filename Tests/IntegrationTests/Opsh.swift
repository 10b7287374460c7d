import Foundation
import OpshLab
import PseudoTerminal
import Subprocess
import Testing

/// The built opsh, run as an operator runs it.
struct Opsh: Sendable {
  /// The site file; nil runs without one.
  var site: String?
  /// The home directory; nil removes HOME from the environment.
  var home: String?
  /// Where it is started.
  var directory = "/"
  /// Variables of its environment beside those of the test.
  var variables: [String: String] = [:]

  /// How a run ended and what it printed.
  struct Outcome: Sendable, CustomStringConvertible {
    let status: Int32?
    let output: String
    let errors: String
    var lines: [String] { output.split(separator: "\n").map(String.init) }
    var description: String { "status \(status.map(String.init) ?? "none")\n\(output)\n--- errors\n\(errors)" }

    /// The events of `--json` by name; a line that is no JSON object fails.
    func events(_ name: String? = nil) throws -> [[String: Any]] {
      try lines.map { line in
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
      }.filter { name == nil || $0["event"] as? String == name }
    }
  }

  static let program = PseudoTerminal.product("opsh")

  /// Runs opsh with these words before its code.
  func callAsFunction(_ code: String, _ options: String..., limit: Duration = .seconds(150)) async throws -> Outcome {
    try await run(options + ["-e", code], limit: limit)
  }

  func run(_ words: [String], limit: Duration = .seconds(60)) async throws -> Outcome {
    // Through a shell, which changes the directory and keeps it out of the test's own process.
    var shell = Subprocess(
      path: "/bin/sh",
      arguments: ["-c", #"cd "$1" && shift && exec "$@""#, "sh", directory, Opsh.program] + siteOptions + words,
      environment: environment
    )
    shell.timeout = limit
    let ending = try await shell.run()
    #expect(!ending.timedOut, "opsh \(words) took longer than \(limit)")
    return Outcome(
      status: ending.status,
      output: String(decoding: ending.output, as: UTF8.self),
      errors: String(decoding: ending.errorOutput, as: UTF8.self)
    )
  }

  /// Starts opsh on a terminal of its own.
  func terminal(_ words: String...) throws -> PseudoTerminal {
    try PseudoTerminal.spawn(
      Opsh.program,
      arguments: siteOptions + words,
      environment: environment,
      rows: 50,
      columns: 120
    )
  }

  private var siteOptions: [String] { site.map { ["--site", $0] } ?? [] }

  private var environment: [String: String] {
    PseudoTerminal.environment(["HOME": home, "XDG_CONFIG_HOME": nil, "XDG_STATE_HOME": nil, "OPSH_SITE": nil])
      .merging(variables) { $1 }
  }
}
