/// An identifier where it stands in the source.
package struct LuaName: Sendable, Equatable {
  package var text: String
  package var span: LuaSpan

  package init(text: String, span: LuaSpan) {
    self.text = text
    self.span = span
  }
}
