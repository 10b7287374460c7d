import LuaRuntime
import LuaSyntax
import PrimitiveKit

extension RunbookFile {
  /// Whether a Lua text is a runbook; nothing of it is run.
  ///
  /// It is when its last statement returns a table, or a name that stands for one, with the fields `version` and `run`.
  package static func isRunbook(_ text: String) -> Bool {
    fields(of: text)?.isSuperset(of: ["version", "run"]) ?? false
  }

  /// The fields of the table that a text returns, as far as they are written out; nil when it returns none.
  static func fields(of text: String) -> Set<String>? {
    let source = (try? CommandForm.rewrite(text, name: "=text")) ?? text
    switch result(of: source) {
    case .table: return LuaFieldLocator(file: "", source: source).names
    case .name(let name): return LuaFieldLocator(file: "", source: source).names.union(assigned(to: name, in: source))
    case nil: return nil
    }
  }

  private enum Result {
    case table
    case name(String)
  }

  /// What the last statement returns.
  private static func result(of source: String) -> Result? {
    var tokens = LuaTokens(source)
    var depth = 0
    while let token = tokens.next() {
      switch token.sign {
      case "function", "if", "do", "repeat", "(", "[", "{": depth += 1
      case "end", "until", ")", "]", "}": depth -= 1
      case "return" where depth == 0: return result(after: tokens)
      default: break
      }
    }
    return nil
  }

  private static func result(after start: LuaTokens) -> Result? {
    var tokens = start
    guard let first = tokens.next() else { return nil }
    guard first.sign == "{" else {
      guard first.kind == .name, LuaWord.isName(first.text), isAtEnd(tokens) else { return nil }
      return .name(first.text)
    }
    var depth = 1
    while depth > 0, let token = tokens.next() {
      switch token.sign {
      case "{": depth += 1
      case "}": depth -= 1
      default: break
      }
    }
    return depth == 0 && isAtEnd(tokens) ? .table : nil
  }

  private static func isAtEnd(_ tokens: LuaTokens) -> Bool {
    var tokens = tokens
    guard let token = tokens.next() else { return true }
    return token.sign == ";" && tokens.next() == nil
  }

  /// Fields that are set apart, as in `function runbook.run()` and `runbook.version = "1.0.0"`.
  private static func assigned(to name: String, in source: String) -> Set<String> {
    var tokens = LuaTokens(source)
    var fields: Set<String> = []
    var before = ""
    while let token = tokens.next() {
      defer { before = token.sign }
      guard token.kind == .name, token.text == name, before != "." else { continue }
      var ahead = tokens
      guard let dot = ahead.next(), [".", ":"].contains(dot.sign), let field = ahead.next(), field.kind == .name else {
        continue
      }
      if before == "function" || ahead.next()?.sign == "=" { fields.insert(field.text) }
    }
    return fields
  }
}
