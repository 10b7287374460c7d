/// Sees every node of a tree, parents before their parts; implement what you need.
package protocol LuaVisitor {
  mutating func enter(_ statement: LuaStatement)
  mutating func leave(_ statement: LuaStatement)
  mutating func enter(_ expression: LuaExpression)
  mutating func leave(_ expression: LuaExpression)
  mutating func enter(_ function: LuaFunctionBody)
  mutating func leave(_ function: LuaFunctionBody)
}

extension LuaVisitor {
  package mutating func enter(_ statement: LuaStatement) {}
  package mutating func leave(_ statement: LuaStatement) {}
  package mutating func enter(_ expression: LuaExpression) {}
  package mutating func leave(_ expression: LuaExpression) {}
  package mutating func enter(_ function: LuaFunctionBody) {}
  package mutating func leave(_ function: LuaFunctionBody) {}
}

extension LuaBlock {
  /// Shows every node of the block to a visitor.
  package func walk(_ visitor: inout some LuaVisitor) {
    for statement in statements { statement.walk(&visitor) }
  }
}

extension LuaStatement {
  /// Shows the statement and every node in it to a visitor; a `repeat` shows its body before its condition.
  package func walk(_ visitor: inout some LuaVisitor) {
    visitor.enter(self)
    if case .repeatLoop(let body, let condition) = kind {
      body.walk(&visitor)
      condition.walk(&visitor)
    } else if case .conditional(let clauses, let otherwise) = kind {
      for clause in clauses {
        clause.condition.walk(&visitor)
        clause.body.walk(&visitor)
      }
      otherwise?.walk(&visitor)
    } else {
      for expression in expressions { expression.walk(&visitor) }
      for block in blocks { block.walk(&visitor) }
      function?.walk(&visitor)
    }
    visitor.leave(self)
  }
}

extension LuaExpression {
  /// Shows the expression and every node in it to a visitor.
  package func walk(_ visitor: inout some LuaVisitor) {
    visitor.enter(self)
    if case .function(let body) = kind { body.walk(&visitor) }
    for child in children { child.walk(&visitor) }
    visitor.leave(self)
  }
}

extension LuaFunctionBody {
  /// Shows the function and every node in it to a visitor.
  package func walk(_ visitor: inout some LuaVisitor) {
    visitor.enter(self)
    body.walk(&visitor)
    visitor.leave(self)
  }
}
