/// Why a text is not Lua.
package struct LuaSyntaxError: Error, Equatable, Sendable {
  /// In Lua's words, without the position.
  package var message: String
  package var line: Int
  /// UTF-8 offset of the token that does not fit.
  package var offset: Int
}
