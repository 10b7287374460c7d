import Glibc

/// The settings of a terminal, to compare before and after.
package struct TerminalSettings: Sendable, Equatable, CustomStringConvertible {
  private let input: UInt32
  private let output: UInt32
  private let control: UInt32
  private let local: UInt32
  private let keys: [UInt8]

  init?(descriptor: Int32) {
    var settings = termios()
    guard tcgetattr(descriptor, &settings) == 0 else { return nil }
    input = settings.c_iflag
    output = settings.c_oflag
    control = settings.c_cflag
    local = settings.c_lflag
    keys = withUnsafeBytes(of: settings.c_cc) { Array($0) }
  }

  /// True when lines are edited by the kernel and shown as they are typed.
  package var isCooked: Bool { local & UInt32(ICANON) != 0 && local & UInt32(ECHO) != 0 }

  /// The words of `struct termios`, to read in a failed expectation.
  package var description: String {
    "iflag \(input) oflag \(output) cflag \(control) lflag \(local) keys \(keys)"
  }
}
