/// One statement (manual 3.3); `;` is none.
package struct LuaStatement: Sendable {
  package indirect enum Kind: Sendable {
    case assignment(targets: [LuaExpression], values: [LuaExpression])
    case local([LuaLocal], values: [LuaExpression])
    case localFunction(LuaName, LuaFunctionBody)
    case function(LuaFunctionName, LuaFunctionBody)
    case call(LuaExpression)
    case block(LuaBlock)
    case whileLoop(condition: LuaExpression, body: LuaBlock)
    /// The condition sees the locals of the body.
    case repeatLoop(body: LuaBlock, condition: LuaExpression)
    case conditional([LuaClause], otherwise: LuaBlock?)
    case numericFor(LuaName, from: LuaExpression, to: LuaExpression, step: LuaExpression?, body: LuaBlock)
    case genericFor([LuaName], values: [LuaExpression], body: LuaBlock)
    case returning([LuaExpression])
    case breaking
    case jump(LuaName)
    case label(LuaName)
  }

  package var kind: Kind
  package var span: LuaSpan

  // How deep the tree below is.
  let depth: Int

  init(_ kind: Kind, span: LuaSpan, depth: Int) {
    self.kind = kind
    self.span = span
    self.depth = depth
  }
}

/// `if` or `elseif` with its block.
package struct LuaClause: Sendable {
  package var condition: LuaExpression
  package var body: LuaBlock
}

/// A name that a `local` statement declares.
package struct LuaLocal: Sendable {
  package enum Attribute: String, Sendable {
    case constant = "const"
    case close
  }

  package var name: LuaName
  package var attribute: Attribute?
}

/// `a.b.c:d` of a function statement.
package struct LuaFunctionName: Sendable {
  /// `a`, `b` and `c`; never empty.
  package var path: [LuaName]
  /// `d`.
  package var method: LuaName?

  /// The name as it is written.
  package var text: String {
    path.map(\.text).joined(separator: ".") + (method.map { ":\($0.text)" } ?? "")
  }
}
