import PrimitiveKit

/// The program luacheck, as far as lint needs to know it.
package enum Luacheck {
  /// The words after the program's name: the text comes on standard input, a line a finding goes out.
  ///
  /// Globals are left out: lint itself knows what opsh offers.
  package static func arguments(path: String) -> [String] {
    ["--formatter", "plain", "--codes", "--no-color", "--ignore", "1[1-4].", "--filename", path, "-"]
  }

  /// Reads the lines `path:line:column: (code) message`.
  static func findings(_ output: String, path: String) -> [LintFinding] {
    output.split(separator: "\n").compactMap { line in
      guard line.hasPrefix("\(path):") else { return nil }
      let parts = line.dropFirst(path.count + 1).split(separator: ":", maxSplits: 2)
      guard parts.count == 3, let number = Int(parts[0]), let column = Int(parts[1].prefix { $0.isNumber }) else {
        return nil
      }
      let place = SourcePlace(file: path, line: number, column: column)
      return LintFinding(.luacheck, at: place, String(parts[2].trimmingPrefix { $0 == " " }))
    }
  }
}
