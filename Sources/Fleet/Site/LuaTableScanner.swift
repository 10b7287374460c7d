import PrimitiveKit

/// Walks the table that a Lua text returns, or else its first table, and notes the line of each field.
struct LuaTableScanner {
  private var tokens: LuaTokens
  private var lines: [String: Int] = [:]

  init(_ source: String) {
    tokens = LuaTokens(source)
  }

  mutating func scan() -> [String: Int] {
    var search = tokens
    var depth = 0
    while let token = search.next() {
      switch token.sign {
      case "function", "if", "do", "repeat": depth += 1
      case "end", "until": depth -= 1
      case "return" where depth == 0 && search.next()?.sign == "{":
        tokens = search
        table("")
        return lines
      default: break
      }
    }
    while let token = tokens.next(), token.sign != "{" {}
    table("")
    return lines
  }

  /// Reads fields up to the closing brace; the opening one is already read.
  private mutating func table(_ path: String) {
    var position = 0
    while let token = tokens.next(), token.sign != "}" {
      if token.sign == "," || token.sign == ";" { continue }
      var ahead = tokens
      if token.kind == .name, ahead.next()?.sign == "=" {
        tokens = ahead
        value(path.isEmpty ? token.text : "\(path).\(token.text)", at: token.line, from: tokens.next())
      } else if token.sign == "[", let key = tokens.next(), tokens.next()?.sign == "]", tokens.next()?.sign == "=" {
        let field = key.kind == .string ? Value.string(key.text).literal : key.text
        value("\(path)[\(field)]", at: token.line, from: tokens.next())
      } else {
        position += 1
        value("\(path)[\(position)]", at: token.line, from: token)
      }
    }
  }

  /// Notes a field and passes over its value.
  private mutating func value(_ path: String, at line: Int, from first: LuaTokens.Token?) {
    if lines[path] == nil { lines[path] = line }
    guard first?.sign != "{" else { return table(path) }
    var depth = first.map { ["(", "[", "function"].contains($0.sign) ? 1 : 0 } ?? 0
    while true {
      let before = tokens
      guard let token = tokens.next() else { return }
      switch token.sign {
      case "(", "[", "{", "function", "if", "do": depth += 1
      case ",", ";", "}":
        if depth > 0 {
          if token.sign == "}" { depth -= 1 }
          continue
        }
        tokens = before
        return
      case ")", "]", "end": depth -= 1
      default: break
      }
    }
  }
}
