import Foundation
import PseudoTerminal

/// Runs the opsh of this build and waits for its end.
struct OpshRun {
  let status: Int32
  let output: String
  let errors: String

  init(
    _ arguments: String...,
    input: String = "",
    environment: [String: String] = [:],
    directory: Scratch? = nil
  ) throws {
    try self.init(arguments, input: input, environment: environment, directory: directory)
  }

  /// Starts it with nothing but the given environment, in an empty directory unless one is given.
  ///
  /// Without `canWrite` nothing can be written to its standard output, as to a full disk. `shell` is what a shell does
  /// before it becomes opsh: set a limit, or send the output elsewhere.
  init(
    _ arguments: [String],
    input: String = "",
    environment: [String: String] = [:],
    directory: Scratch? = nil,
    canWrite: Bool = true,
    shell: String? = nil
  ) throws {
    let place = try directory ?? Scratch()
    let process = Process()
    process.executableURL = URL(filePath: PseudoTerminal.product("opsh"))
    process.arguments = arguments
    if let shell {
      process.executableURL = URL(filePath: "/bin/sh")
      process.arguments = ["-c", "\(shell); exec \"$0\" \"$@\"", PseudoTerminal.product("opsh")] + arguments
    }
    process.environment = environment
    process.currentDirectoryURL = URL(filePath: place.path)
    // Files instead of pipes: nothing can fill up and nobody has to read meanwhile.
    let files = try ["in", "out", "err"].map { try place.file(".\($0)", $0 == "in" ? input : "") }
    let handles = [
      try FileHandle(forReadingFrom: files[0]),
      canWrite ? try FileHandle(forWritingTo: files[1]) : try FileHandle(forReadingFrom: files[1]),
      try FileHandle(forWritingTo: files[2]),
    ]
    process.standardInput = handles[0]
    process.standardOutput = handles[1]
    process.standardError = handles[2]
    try process.run()
    process.waitUntilExit()
    status = process.terminationStatus
    output = try String(contentsOf: files[1], encoding: .utf8)
    errors = try String(contentsOf: files[2], encoding: .utf8)
  }
}

/// A directory that is removed with its last user.
final class Scratch: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "opsh-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  @discardableResult
  func file(_ name: String, _ text: String) throws -> URL {
    let url = URL(filePath: path).appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(),
      withIntermediateDirectories: true
    )
    try Data(text.utf8).write(to: url)
    return url
  }
}
