import Foundation
import PseudoTerminal

/// The probe on a terminal, with a home of its own.
final class Typist: Sendable {
  let home = FileManager.default.temporaryDirectory.appendingPathComponent("typist-\(UUID())").path

  var historyPath: String { home + "/.local/state/opsh/history" }

  init() throws {
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: home) }

  /// Starts the probe and waits for its prompt; `changes` alter the environment, nil removes a name.
  func start(
    _ arguments: [String] = [],
    changes: [String: String?] = [:],
    columns: Int = 80
  ) async throws -> PseudoTerminal {
    let all = ["HOME": home].merging(changes) { $1 }
    let terminal = try PseudoTerminal.spawn(
      PseudoTerminal.product("line-editor-probe"),
      arguments: arguments,
      environment: PseudoTerminal.environment(all),
      columns: columns
    )
    try await terminal.expect(arguments.isEmpty ? "op> " : "How many? ")
    return terminal
  }
}
