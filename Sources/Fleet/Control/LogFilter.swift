import Foundation
import PrimitiveKit
import Site

/// Finds the line of a log: the host sends what may be it, and the fields are read here.
struct LogFilter {
  private let match: Readiness.LogProbe.Match

  init(_ match: Readiness.LogProbe.Match) { self.match = match }

  /// For the `logs` verb of the host script.
  ///
  /// The host sends only the last lines that may be it, so what it looks for is no wider than need be.
  var arguments: [String] {
    switch match {
    // Of a line without fields, MESSAGE is the line itself.
    case .text(let text), .field("MESSAGE", let text), .fieldEquals("MESSAGE", let text): ["--find", text]
    case .field(let name, let text): ["--like", "\(LogFilter.start(of: name)).*\(LogFilter.quoted(text))"]
    case .fieldEquals(let name, let text): ["--like", "\(LogFilter.start(of: name))\"?\(LogFilter.quoted(text))"]
    case .pattern(let pattern): ["--like", pattern]
    }
  }

  /// A field up to its value, in JSON or in words, as an extended regular expression.
  private static func start(of name: String) -> String { "\(quoted(name))\"?[[:space:]]*[:=][[:space:]]*" }

  private static func quoted(_ text: String) -> String {
    text.reduce(into: "") { quoted, character in
      if "\\.[]{}()*+?^$|".contains(character) { quoted += "\\" }
      quoted.append(character)
    }
  }

  /// The last lines of a file that may be it, written after a place `INODE.SIZE`: all of it where that is another file now.
  func command(_ path: HostPath, after place: String) -> String {
    let parts = place.split(separator: ".").map(String.init)
    let (inode, size) = (parts.first ?? "0", parts.last.flatMap { Int($0) } ?? 0)
    let filter = arguments[0] == "--find" ? "-F" : "-E"
    return """
      set -- \(path.word)
      [ -f "$1" ] || exit 0
      [ -r "$1" ] || { echo "$1 cannot be read" >&2; exit 77; }
      at=$(stat -c '%i.%s' -- "$1") || exit
      from=1
      [ "${at%.*}" != \(ShellQuote.word(inode)) ] || [ "${at#*.}" -lt \(size) ] || from=\(size + 1)
      tail -c "+$from" -- "$1" | grep -a \(filter) -e \(ShellQuote.word(arguments[1])) | tail -n 200
      """
  }

  /// Whether it is the line: the host looked for the text anywhere in it.
  func fits(_ line: String) -> Bool {
    switch match {
    case .text, .pattern: true
    case .field(let name, let text): LogFilter.field(name, of: line)?.contains(text) ?? false
    case .fieldEquals(let name, let value): LogFilter.field(name, of: line) == value
    }
  }

  /// A field of a line: of a JSON object, of words such as `code=7`, and MESSAGE of any other line is the line itself.
  static func field(_ name: String, of line: String) -> String? {
    if line.hasPrefix("{"), let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] {
      return object[name].map { "\($0)" }
    }
    for start in line.ranges(of: "\(name)=") {
      let before = start.lowerBound == line.startIndex ? " " : line[line.index(before: start.lowerBound)]
      guard before.isWhitespace || before == "," || before == "{" else { continue }
      let rest = line[start.upperBound...]
      if rest.first == "\"" { return String(rest.dropFirst().prefix { $0 != "\"" }) }
      return String(rest.prefix { !$0.isWhitespace && $0 != "," && $0 != "}" })
    }
    return name == "MESSAGE" ? line : nil
  }
}
