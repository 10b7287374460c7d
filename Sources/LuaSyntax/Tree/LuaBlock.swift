/// Statements that share a scope.
package struct LuaBlock: Sendable {
  package var statements: [LuaStatement]
  /// From the first statement to the token that ends the block, which it does not include.
  package var span: LuaSpan

  // How deep the tree below is: who walks it recurses that far.
  let depth: Int

  init(statements: [LuaStatement], span: LuaSpan) {
    self.statements = statements
    self.span = span
    depth = (statements.lazy.map(\.depth).max() ?? 0) + 1
  }
}

/// An identifier where it stands in the source.
package struct LuaName: Sendable, Equatable {
  package var text: String
  package var span: LuaSpan

  package init(text: String, span: LuaSpan) {
    self.text = text
    self.span = span
  }
}
