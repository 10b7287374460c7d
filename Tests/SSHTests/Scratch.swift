import Foundation
import Glibc

/// Folders and programs for the tests.
enum Scratch {
  struct Failure: Error {
    let message: String
  }

  static let user = getpwuid(getuid()).flatMap { String(cString: $0.pointee.pw_name) } ?? "root"

  private static let root = "\(NSTemporaryDirectory())opsh-ssh-\(getpid())"

  // Removes the root when the tests end; its own program does nothing but wait.
  private static let keeper = Result { try Leash("/bin/sleep", ["infinity"], folder: root) }

  static func folder(_ name: String) throws -> String {
    let path = "\(root)/\(name)-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    if case .failure(let error) = keeper { throw error }
    return path
  }

  /// Looks until there is an answer.
  @discardableResult
  static func await<Answer>(_ what: String, _ look: () throws -> Answer?) throws -> Answer {
    let deadline = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < deadline {
      if let answer = try look() { return answer }
      usleep(5000)
    }
    throw Failure(message: "waited in vain: \(what)")
  }

  /// Runs a program to its end and returns what it wrote.
  @discardableResult
  static func run(_ program: String, _ arguments: String...) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(message: "\(program): \(text)") }
    return text
  }
}
