extension LuaStatement {
  /// The expressions directly in the statement, in the order of the source.
  package var expressions: [LuaExpression] {
    switch kind {
    case .assignment(let targets, let values): targets + values
    case .local(_, let values), .genericFor(_, let values, _), .returning(let values): values
    case .call(let expression), .whileLoop(let expression, _), .repeatLoop(_, let expression): [expression]
    case .conditional(let clauses, _): clauses.map(\.condition)
    case .numericFor(_, let from, let to, let step, _): [from, to] + (step.map { [$0] } ?? [])
    case .localFunction, .function, .block, .breaking, .jump, .label: []
    }
  }

  /// The blocks directly in the statement, without those of functions.
  package var blocks: [LuaBlock] {
    switch kind {
    case .block(let block), .whileLoop(_, let block), .repeatLoop(let block, _), .numericFor(_, _, _, _, let block),
      .genericFor(_, _, let block):
      [block]
    case .conditional(let clauses, let otherwise): clauses.map(\.body) + (otherwise.map { [$0] } ?? [])
    default: []
    }
  }

  /// The function that the statement itself defines.
  package var function: LuaFunctionBody? {
    switch kind {
    case .localFunction(_, let body), .function(_, let body): body
    default: nil
    }
  }
}

extension LuaExpression {
  /// The expressions directly in this one, in the order of the source; not those in a function's body.
  package var children: [LuaExpression] {
    switch kind {
    case .nil, .bool, .integer, .number, .string, .varargs, .function, .name: []
    case .field(let inner, _), .unary(_, let inner), .parenthesized(let inner): [inner]
    case .index(let object, let key): [object, key]
    case .call(let object, let arguments), .method(let object, _, let arguments): [object] + arguments.values
    case .binary(_, let left, let right): [left, right]
    case .table(let fields):
      fields.flatMap { field in
        if case .keyed(let key, let value) = field { return [key, value] }
        return [field.value]
      }
    }
  }
}
