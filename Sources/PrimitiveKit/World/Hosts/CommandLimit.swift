/// How long a command line may be; what is longer goes as the input of a shell.
package enum CommandLimit {
  /// Bytes of a line as it is sent over SSH: libssh2 sends a request in one packet, of 35,000 bytes at most.
  package static let sent = 32_000
  /// Bytes of a line that a shell gets as an argument (`man 2 execve`: MAX_ARG_STRLEN, 128 KiB with its end).
  package static let argument = 131_071

  /// What is wrong with a line of so many bytes, which are `sent` once quotes and the like are written for a login shell.
  package static func words(_ bytes: Int, _ limit: Int, sent: Int? = nil) -> String {
    guard bytes <= limit, let sent else {
      return "the command is too long (\(kilobytes(bytes)), limit \(kilobytes(limit)))"
    }
    return "the command is too long (\(kilobytes(bytes)), \(kilobytes(sent)) once quoted for the login shell, limit "
      + "\(kilobytes(limit)))"
  }

  /// What to do about it.
  package static let hint = "send it as input: cmd=\"sh -s\", input=…"

  private static func kilobytes(_ bytes: Int) -> String { "\((bytes + 999) / 1000) kB" }
}
