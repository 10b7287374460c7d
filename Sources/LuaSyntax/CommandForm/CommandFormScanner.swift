/// Walks Lua source token by token, replaces the brackets of command forms and quotes the field `break`.
struct CommandFormScanner {
  /// A form that is not closed.
  struct Open {
    let callee: String
    let line: Int
    let column: Int
    var isAtEnd = true
  }

  private enum Bracket {
    case plain
    case form(Open)
  }

  private(set) var hasChanges = false
  private var bytes: [UInt8]
  private var position = 0
  private var brackets: [Bracket] = []
  // The name that ends just before the current token, if one does.
  private var callee: Callee?
  // The `.` that is the token before, if one is: a field follows.
  private var dot: Int?
  // Where bytes were added, so that columns are those of the operator's text.
  private var added: [(position: Int, count: Int)] = []

  /// What stands before a bracket.
  private enum Callee {
    case name(Range<Int>)
    /// A field `break`, whose text has changed.
    case text(String)
  }

  init(_ source: String) { bytes = Array(source.utf8) }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Blanks a line such as `#!/usr/bin/env opsh`; no byte moves.
  mutating func blankFirstLine() {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { blank(0..<3) }  // a byte order mark
    let start = bytes.firstIndex { $0 != UInt8(ascii: " ") } ?? 0
    guard bytes.dropFirst(start).starts(with: Array("#!".utf8)), start == 0 || start == 3 else { return }
    blank(start..<(bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count))
  }

  private mutating func blank(_ range: Range<Int>) {
    for index in range { bytes[index] = UInt8(ascii: " ") }
    hasChanges = true
  }

  /// Rewrites the source; answers the form that is not closed, if there is one.
  mutating func scan() -> Open? {
    while position < bytes.count {
      if let open = step() { return open }
    }
    for case .form(let open) in brackets.reversed() { return open }
    return nil
  }

  private mutating func step() -> Open? {
    let lexer = TokenBounds(bytes)
    if let end = lexer.endOfSpace(at: position) {
      position = end
      return nil
    }
    let lastDot = dot
    dot = nil
    if let end = lexer.endOfName(at: position) {
      let name = position..<end
      let word = String(decoding: bytes[name], as: UTF8.self)
      let isKeyword = TokenBounds.keywords.contains(word)
      callee = isKeyword ? nil : .name(name)
      if word == "break", let lastDot {
        quote(name, after: lastDot, lexer)
        return nil
      }
      position = end
      return isKeyword ? keyword(name) : nil
    }
    let name = callee
    callee = nil
    if let end = lexer.endOfLiteral(at: position) {
      position = end
      return nil
    }
    return symbol(after: name, lexer)
  }

  // Blocks inside a value, as in `f<by = function(a, b) return a > b end>`, are brackets too.
  private mutating func keyword(_ name: Range<Int>) -> Open? {
    switch String(decoding: bytes[name], as: UTF8.self) {
    case "function", "do", "if", "repeat": brackets.append(.plain)
    case "end", "until": return close()
    default: break
    }
    return nil
  }

  private mutating func close() -> Open? {
    guard let last = brackets.popLast() else { return nil }
    guard case .form(var open) = last else { return nil }
    open.isAtEnd = false
    return open
  }

  // `lock.break{…}` is no Lua, because `break` is a keyword; `lock["break"]{…}` is. What stands between stays.
  private mutating func quote(_ name: Range<Int>, after dot: Int, _ lexer: TokenBounds) {
    let text = String(decoding: bytes[lexer.startOfPath(endingWith: name)..<name.upperBound], as: UTF8.self)
    callee = .text(text)
    bytes.replaceSubrange(name, with: Array("\"".utf8) + bytes[name] + Array("\"]".utf8))
    bytes[dot] = UInt8(ascii: "[")
    position = name.upperBound + 3
    added.append((position, 3))
    hasChanges = true
  }

  private mutating func symbol(after name: Callee?, _ lexer: TokenBounds) -> Open? {
    switch bytes[position] {
    case UInt8(ascii: "."):
      let end = bytes[position...].firstIndex { $0 != UInt8(ascii: ".") } ?? bytes.count
      dot = end == position + 1 ? position : nil
      position = end
    case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
      brackets.append(.plain)
      position += 1
    case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
      position += 1
      return close()
    case UInt8(ascii: "<"):
      if let name, lexer.beginsForm(at: position) {
        open(name)
      } else {
        position += lexer.byte(position + 1, isIn: "<=") ? 2 : 1
      }
    case UInt8(ascii: ">"):
      greater(lexer)
    default:
      position += 1
    }
    return nil
  }

  private mutating func open(_ name: Callee) {
    let line = bytes[..<position].lazy.filter { $0 == UInt8(ascii: "\n") }.count + 1
    let start = bytes[..<position].lastIndex(of: UInt8(ascii: "\n")) ?? -1
    let shift = added.lazy.filter { $0.position > start }.map(\.count).reduce(0, +)
    brackets.append(.form(Open(callee: text(of: name), line: line, column: position - start - shift)))
    replace(by: "{")
  }

  private func text(of callee: Callee) -> String {
    switch callee {
    case .text(let text): text
    case .name(let name):
      String(decoding: bytes[TokenBounds(bytes).startOfPath(endingWith: name)..<name.upperBound], as: UTF8.self)
    }
  }

  private mutating func replace(by bracket: Unicode.Scalar) {
    bytes[position] = UInt8(ascii: bracket)
    position += 1
    hasChanges = true
  }

  // The first `>` directly inside a form closes it, and `>>` closes two. `>=` and, in a single form, `>>` stay
  // operators, but in `f<>==x` the `>` closes.
  private mutating func greater(_ lexer: TokenBounds) {
    let isDouble = lexer.byte(position + 1, isIn: ">")
    let isEqual = lexer.byte(position + 1, isIn: "=") && !lexer.byte(position + 2, isIn: "=")
    guard case .form? = brackets.last, !isEqual else {
      position += isDouble || isEqual ? 2 : 1
      return
    }
    if isDouble {
      guard brackets.count > 1, case .form = brackets[brackets.count - 2] else {
        position += 2
        return
      }
      brackets.removeLast()
      replace(by: "}")
    }
    brackets.removeLast()
    replace(by: "}")
  }
}
