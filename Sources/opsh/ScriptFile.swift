import Glibc
import PrimitiveKit

/// Reads scripts.
enum ScriptFile {
  /// The text of a file as it is, a `#!` line included.
  ///
  /// Throws `script.unreadable`.
  static func read(_ path: String) throws(CallFailure) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(path, errno) }
    defer { close(descriptor) }
    return try read(descriptor, name: path)
  }

  /// The text that comes from standard input.
  static func readStandardInput() throws(CallFailure) -> String { try read(STDIN_FILENO, name: "standard input") }

  private static func read(_ descriptor: CInt, name: String) throws(CallFailure) -> String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw unreadable(name, errno) }
      guard count > 0 else { break }
      bytes += chunk[..<count]
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw CallFailure(
        .invalid,
        code: "script.encoding",
        message: "\(name) is not UTF-8 text",
        hint: "scripts are text; `iconv` converts"
      )
    }
    return text
  }

  private static func unreadable(_ name: String, _ code: CInt) -> CallFailure {
    let isWord = !name.contains("/") && !name.contains(".")
    let command = isWord ? NearestName.question(for: name, in: Command.allCases.map(\.rawValue)) : nil
    return CallFailure(
      .invalid,
      code: "script.unreadable",
      message: "\(name) cannot be read: \(String(cString: strerror(code)))",
      hint: code == ENOENT ? command ?? "give the path of a Lua file, or -e CODE" : nil
    )
  }
}
