import Foundation

/// The fenced blocks of a page of documentation, in order, as far as they can be run.
///
/// ```` ```lua PATH ```` is a file. ```` ```console CODE ```` is commands after `$` with lines that they print; `…` stands for
/// anything, and the last command ends with the code, 0 when there is none. ```` ```session CODE ```` is a command on a
/// terminal, with what is typed between ⟨ and ⟩.
package struct DocumentPage: Sendable {
  package enum Block: Sendable {
    case file(path: String, text: String)
    case console([Command], code: Int32)
    case session([Command], code: Int32)
  }

  package struct Command: Sendable, CustomStringConvertible {
    package let line: String
    package var expected: [String] = []
    package var description: String { "$ \(line)" }
  }

  package let blocks: [Block]

  package init(_ text: String) {
    var blocks: [Block] = []
    var info: [String]?
    var lines: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      guard line.hasPrefix("```") else {
        lines.append(line)
        continue
      }
      if let words = info {
        if let block = DocumentPage.block(words, lines) { blocks.append(block) }
        info = nil
      } else {
        info = line.dropFirst(3).split(separator: " ").map(String.init)
      }
      lines = []
    }
    self.blocks = blocks
  }

  private static func block(_ info: [String], _ lines: [String]) -> Block? {
    let code = info.count > 1 ? Int32(info[1]) ?? 0 : 0
    switch info.first {
    case "lua" where info.count > 1: return .file(path: info[1], text: lines.joined(separator: "\n") + "\n")
    case "console": return .console(commands(lines), code: code)
    case "session": return .session(commands(lines), code: code)
    default: return nil
    }
  }

  private static func commands(_ lines: [String]) -> [Command] {
    var commands: [Command] = []
    for line in lines {
      if line.hasPrefix("$ ") {
        commands.append(Command(line: String(line.dropFirst(2))))
      } else if !commands.isEmpty, !line.isEmpty {
        commands[commands.count - 1].expected.append(line)
      }
    }
    return commands
  }

  /// Whether a line of the output is the expected one; columns may be wider, and the line longer.
  package static func matches(_ expected: String, _ output: String) -> Bool {
    let parts = expected.components(separatedBy: "…").map(folded).filter { !$0.isEmpty }
    return output.split(separator: "\n").contains { line in
      var rest = folded(String(line))[...]
      for part in parts {
        guard let range = rest.range(of: part) else { return false }
        rest = rest[range.upperBound...]
      }
      return true
    }
  }

  private static func folded(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
