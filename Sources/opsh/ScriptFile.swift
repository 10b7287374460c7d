import Glibc
import PrimitiveKit

/// Reads scripts.
enum ScriptFile {
  /// Throws `usage.command` for a word that is no file and looks like one of the commands.
  static func requireFile(_ word: String, commands: [String]) throws(CallFailure) {
    guard !commands.isEmpty, !word.contains("/"), !word.contains("."), access(word, F_OK) != 0, errno == ENOENT else {
      return
    }
    throw CallFailure(
      .usage,
      code: "usage.command",
      message: "unknown command '\(word)', and no file has that name",
      hint: NearestName.question(for: word, in: commands) ?? "`opsh --help` lists the commands"
    )
  }

  /// The text of a file as it is, a `#!` line included.
  ///
  /// Throws `script.unreadable`.
  static func read(_ path: String) throws(CallFailure) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw unreadable(path, errno)
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
        hint: "convert it with `iconv`"
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
