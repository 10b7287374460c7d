import Foundation
import Glibc

/// Folders and programs for the tests.
enum Scratch {
  struct Failure: Error {
    let message: String
  }

  static let user = getpwuid(getuid()).flatMap { String(cString: $0.pointee.pw_name) } ?? "root"

  private static let root: String = {
    let path = "\(NSTemporaryDirectory())/opsh-ssh-\(getpid())"
    atexit { try? FileManager.default.removeItem(atPath: "\(NSTemporaryDirectory())/opsh-ssh-\(getpid())") }
    return path
  }()

  static func folder(_ name: String) throws -> String {
    let path = "\(root)/\(name)-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
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
