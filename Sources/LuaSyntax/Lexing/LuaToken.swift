/// One token of Lua source; comments are none.
struct LuaToken {
  enum Kind: Equatable {
    case end
    case name(String)
    case keyword(String)
    case symbol(String)
    case integer(Int64)
    case number(Double)
    case string([UInt8])
  }

  var kind: Kind
  var span: LuaSpan

  func isKeyword(_ word: String) -> Bool { kind == .keyword(word) }
  func isSymbol(_ symbol: String) -> Bool { kind == .symbol(symbol) }
}
