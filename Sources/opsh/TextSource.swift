import Drivers
import PrimitiveKit

/// Reads a text that a command is given: a file, or `-` for standard input.
enum TextSource {
  /// Throws `script.unreadable`.
  static func read(_ name: String) throws(CallFailure) -> String {
    name == "-" ? try ScriptFile.readStandardInput() : try TextFile.read(name)
  }
}
