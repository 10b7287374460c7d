/// A line for `sh` as a line for whatever login shell a host has: POSIX shells, csh, tcsh and fish hand it on unread.
///
/// They agree on single quotes around printable ASCII but for `'`, `\` and `!`; what has other bytes goes as octal numbers,
/// which `printf` of the `sh` behind turns back. Newlines at the very end go, which mean nothing to a shell.
package enum LoginLine {
  /// The line; `mark` is put into the environment as `OPSH_RUN`, and must be a plain word.
  package static func line(_ text: String, mark: String? = nil) -> String {
    let bytes = text.utf8.filter { $0 != 0 }
    if bytes.allSatisfy(isSafe) { return "\(shell(mark)) '\(String(decoding: bytes, as: UTF8.self))'" }
    return "\(shell(mark)) 'exec sh -c \"$(printf %b \"$0\")\"' '\(encoded(bytes))'"
  }

  /// The line of a command whose shell says by `END STATUS`, a line of its standard error, that it has ended: sshd itself
  /// waits until nothing holds the streams.
  ///
  /// `end` must be a plain word, as `mark`.
  package static func watched(_ text: String, end: String, mark: String) -> String {
    "\(shell(mark)) '\(watcher)' \(end) '\(encoded(text.utf8.filter { $0 != 0 }))' '\(watched)'"
  }

  // A shell says a word of its own about a command that a signal ended; that is none of the command's output.
  private static let watcher =
    #"{ sh -c "$2" "$(printf %b "$1")"; s=$?; } 3>&2 2>/dev/null; "#
    + #"n=$(echo; echo x); n=${n%x}; printf "%s%s %s%s" "$n" "$0" "$s" "$n" >&2; exit $s"#
  private static let watched = #"exec sh -c "$0" 2>&3 3>&-"#

  private static func shell(_ mark: String?) -> String {
    mark.map { "exec env OPSH_RUN=\($0) sh -c" } ?? "exec sh -c"
  }

  private static func encoded(_ bytes: [UInt8]) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count * 2)
    for byte in bytes {
      if isSafe(byte) {
        result.append(byte)
      } else {
        let digits = String(byte, radix: 8)
        result += Array("\\0\(String(repeating: "0", count: 3 - digits.count))\(digits)".utf8)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func isSafe(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "'"), UInt8(ascii: "\\"), UInt8(ascii: "!"): false
    case 0x20...0x7E: true
    default: false
    }
  }
}
