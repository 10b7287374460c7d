import Glibc
import PrimitiveKit

/// Reads scripts.
enum ScriptFile {
  /// The text of a file as it is, a `#!` line included; a word that is no file may be meant for one of the commands.
  ///
  /// Throws `script.unreadable`, and `usage.command` for such a word.
  static func read(_ path: String, commands: [String] = []) throws(CallFailure) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let code = errno
      if code == ENOENT, !commands.isEmpty, !path.contains("/"), !path.contains(".") {
        throw CallFailure(
          .usage,
          code: "usage.command",
          message: "unknown command '\(path)', and no file of that name",
          hint: NearestName.question(for: path, in: commands) ?? "`opsh --help` lists the commands"
        )
      }
      throw unreadable(path, code)
    }
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
    CallFailure(
      .invalid,
      code: "script.unreadable",
      message: "\(name) cannot be read: \(String(cString: strerror(code)))",
      hint: code == ENOENT ? "give the path of a Lua file, or -e CODE" : nil
    )
  }
}
