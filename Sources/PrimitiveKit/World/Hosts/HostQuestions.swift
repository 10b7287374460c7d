/// Asks a host how many of its sockets listen on a TCP port.
package struct ListeningPort: Sendable {
  /// POSIX sh that prints two numbers: the sockets that listen on it, and the lines that were read.
  package let command: String

  package init(_ port: Int) {
    // State 0A is LISTEN (proc(5)); the header makes a line, so none at all means that nothing was read.
    let digits = String(port, radix: 16, uppercase: true)
    let hex = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    command = """
      cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
      awk '$4 == "0A" && substr($2, length($2) - 4) == ":\(hex)" { n++ } END { print n + 0, NR + 0 }'
      """
  }

  /// The sockets that listen, from what the command printed; nil where the host lists none of its sockets.
  package static func read(_ output: String) -> Int? {
    let numbers = output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    return numbers.count == 2 && numbers[1] > 0 ? numbers[0] : nil
  }
}

/// Asks systemd about units.
package enum UnitQuestion {
  /// What prints properties of a unit, a line `NAME=value` each.
  package static func show(_ properties: [String], of unit: String, isUser: Bool) -> String {
    let wanted = properties.map { "-p \($0)" }.joined(separator: " ")
    return "\(directory(isUser))systemctl \(isUser ? "--user " : "")show \(wanted) -- \(ShellQuote.word(unit))"
  }

  /// What comes before a command about units of the account: a login without a session lacks the runtime directory.
  package static func directory(_ isUser: Bool) -> String {
    isUser ? "XDG_RUNTIME_DIR=\"${XDG_RUNTIME_DIR:-/run/user/$(id -u)}\" " : ""
  }
}
