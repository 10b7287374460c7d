import LuaSyntax
import PrimitiveKit
import RunbookHeader

/// The text of one file with its tree and its places.
struct LintText {
  let path: String
  /// The bytes as they are in the file.
  let source: String
  /// The text without command forms; every byte keeps its place.
  let rewritten: String
  let block: LuaBlock
  private let lineStarts: [Int]

  /// Throws the finding of the rule `syntax`.
  init(path: String, source: String) throws(LintProblem) {
    self.path = path
    self.source = source
    lineStarts = LintText.lineStarts(source)
    do throws(CallFailure) {
      rewritten = try CommandForm.rewrite(source, name: "@\(path)")
    } catch {
      throw LintProblem(LintText.finding(error, path))
    }
    do throws(LuaSyntaxError) {
      block = try LuaParser.parse(rewritten)
    } catch {
      let column = error.offset - lineStarts[min(max(0, error.line - 1), lineStarts.count - 1)] + 1
      let place = SourcePlace(file: path, line: error.line, column: max(1, column))
      throw LintProblem(LintFinding(.syntax, at: place, error.message))
    }
  }

  /// The text without command forms, its `#!` line as it was: blanks in its place would be found fault with.
  var withFirstLine: String {
    guard source.hasPrefix("#!") else { return rewritten }
    return String(source.prefix { !$0.isNewline }) + rewritten.drop { !$0.isNewline }
  }

  /// Where something in the tree begins.
  func place(_ span: LuaSpan) -> SourcePlace {
    let start = lineStarts[min(max(0, span.line - 1), lineStarts.count - 1)]
    return SourcePlace(file: path, line: span.line, column: max(1, span.bytes.lowerBound - start + 1))
  }

  private static func lineStarts(_ source: String) -> [Int] {
    [0] + source.utf8.enumerated().filter { $0.element == UInt8(ascii: "\n") }.map { $0.offset + 1 }
  }

  // The message begins with `file:line:`, which a finding says in its own way.
  private static func finding(_ failure: CallFailure, _ path: String) -> LintFinding {
    let (line, message) = LintText.split(failure.message, path)
    return LintFinding(.syntax, at: SourcePlace(file: path, line: line), message, hint: failure.hint)
  }

  /// The line that a message of Lua begins with, and the rest; line 1 when it has none.
  static func split(_ message: String, _ path: String) -> (line: Int, message: String) {
    guard message.hasPrefix("\(path):") else { return (1, message) }
    let rest = message.dropFirst(path.count + 1)
    guard let colon = rest.firstIndex(of: ":"), let line = Int(rest[..<colon]) else { return (1, message) }
    return (line, String(rest[colon...].dropFirst().trimmingPrefix { $0 == " " }))
  }
}

/// A finding after which nothing else of a file can be looked at.
struct LintProblem: Error {
  let finding: LintFinding

  init(_ finding: LintFinding) { self.finding = finding }
}
