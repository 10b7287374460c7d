import Foundation
import PseudoTerminal

/// A `lock-racer` process.
final class Racer {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var rest: [UInt8] = []

  /// Starts one on a database.
  init(_ address: String) throws {
    process.executableURL = URL(fileURLWithPath: PseudoTerminal.product("lock-racer"))
    process.arguments = [address]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    guard try line() == "ready" else { throw CocoaError(.executableLoad) }
  }

  deinit { if process.isRunning { signal(SIGKILL) } }

  private var pid: Int32 { process.processIdentifier }

  /// Sends a command.
  func send(_ command: String) throws { try input.fileHandleForWriting.write(contentsOf: Data("\(command)\n".utf8)) }

  /// The next line it answers; empty at its end.
  func line() throws -> String {
    while true {
      if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        defer { rest.removeFirst(end + 1) }
        return String(decoding: rest[..<end], as: UTF8.self)
      }
      let bytes = output.fileHandleForReading.availableData
      if bytes.isEmpty { return "" }
      rest += bytes
    }
  }

  func ask(_ command: String) throws -> String {
    try send(command)
    return try line()
  }

  /// Kills it, whatever it does.
  func kill() {
    signal(SIGKILL)
    process.waitUntilExit()
  }

  func signal(_ number: Int32) { Foundation.kill(pid, number) }
}
