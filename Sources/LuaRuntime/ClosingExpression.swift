import LuaSyntax

/// The expression at the end of an entry of several statements: `x = 5; x` answers 5, as `x` alone does.
enum ClosingExpression {
  /// How many tokens from the end it is looked for: every Enter in a long entry looks.
  private static let reach = 64

  /// The entry with a `return` before the expression that closes it; nil where Lua takes it as it stands, and where
  /// it ends in no expression.
  static func answered(_ text: String, name: String) -> String? {
    guard LuaState.complaint("", text, name) != nil, LuaState.complaint("return ", text, name) != nil else {
      return nil
    }
    let bytes = Array(text.utf8)
    for start in LuaTokens.starts(in: text).suffix(reach).reversed() where start > 0 {
      let before = String(decoding: bytes[..<start], as: UTF8.self)
      let expression = String(decoding: bytes[start...], as: UTF8.self)
      let answered = before + "return " + expression
      if LuaState.complaint("return ", expression, name) == nil, LuaState.complaint("", before, name) == nil,
        LuaState.complaint("", answered, name) == nil
      {
        return answered
      }
    }
    return nil
  }
}
