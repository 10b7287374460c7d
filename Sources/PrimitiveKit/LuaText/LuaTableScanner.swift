/// Walks the table that a Lua text returns, or else its first table, and notes the place of each field.
struct LuaTableScanner {
  /// A line and a column, both counted from 1.
  typealias Place = (line: Int, column: Int)

  private var tokens: LuaTokens
  private var places: [String: Place] = [:]

  init(_ source: String) {
    tokens = LuaTokens(source)
  }

  mutating func scan() -> [String: Place] {
    var search = tokens
    var depth = 0
    while let token = search.next() {
      switch token.sign {
      case "function", "if", "do", "repeat": depth += 1
      case "end", "until": depth -= 1
      case "return" where depth == 0:
        guard let result = search.next() else { break }
        if result.sign == "{" {
          tokens = search
        } else if !skip(toTableOf: result.text) {
          break
        }
        table("")
        return places
      default: break
      }
    }
    while let token = tokens.next(), token.sign != "{" {}
    table("")
    return places
  }

  /// Goes behind the brace of `name = {`, as in `local runbook = {` … `return runbook`; false when there is none.
  private mutating func skip(toTableOf name: String) -> Bool {
    var search = tokens
    while let token = search.next() {
      guard token.kind == .name, token.text == name else { continue }
      var ahead = search
      guard ahead.next()?.sign == "=", ahead.next()?.sign == "{" else { continue }
      tokens = ahead
      return true
    }
    return false
  }

  /// Reads fields up to the closing brace; the opening one is already read.
  private mutating func table(_ path: String) {
    var position = 0
    while let token = tokens.next(), token.sign != "}" {
      if token.sign == "," || token.sign == ";" { continue }
      var ahead = tokens
      if token.kind == .name, ahead.next()?.sign == "=" {
        tokens = ahead
        value(path.isEmpty ? token.text : "\(path).\(token.text)", at: token, from: tokens.next())
      } else if token.sign == "[", let key = tokens.next(), tokens.next()?.sign == "]", tokens.next()?.sign == "=" {
        let field = key.kind == .string ? Value.string(key.text).literal : key.text
        value("\(path)[\(field)]", at: token, from: tokens.next())
      } else {
        position += 1
        value("\(path)[\(position)]", at: token, from: token)
      }
    }
  }

  /// Notes a field and passes over its value.
  private mutating func value(_ path: String, at start: LuaTokens.Token, from first: LuaTokens.Token?) {
    if places[path] == nil { places[path] = (start.line, start.column) }
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
