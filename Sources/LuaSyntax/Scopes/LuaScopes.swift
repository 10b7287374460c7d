/// What every name in a chunk refers to (manual 3.5).
package struct LuaScopes: Sendable {
  /// Every local variable, in the order of declaration.
  package private(set) var declarations: [LuaDeclaration] = []
  /// Every use of a name as a variable, in the order of evaluation of the source.
  package private(set) var uses: [LuaNameUse] = []
  private var positions: [Int: Int] = [:]
  private var scopes: [[String: Int]] = [[:]]
  private var functionDepth = 0

  /// Resolves a chunk.
  package init(_ block: LuaBlock) { statements(block) }

  /// The use of a name, found by where it stands.
  package func use(of name: LuaName) -> LuaNameUse? { positions[name.span.bytes.lowerBound].map { uses[$0] } }

  /// Throws for an assignment to a `<const>` or `<close>` variable.
  func checkConstants() throws(LuaSyntaxError) {
    for use in uses where use.isAssigned {
      guard let id = use.declaration, case .local(.some) = declarations[id].origin else { continue }
      throw LuaSyntaxError(
        message: "attempt to assign to const variable '\(use.name.text)'",
        line: use.name.span.line,
        offset: use.name.span.bytes.lowerBound
      )
    }
  }

  private mutating func declare(_ name: LuaName, _ origin: LuaDeclaration.Origin) {
    let id = declarations.count
    declarations.append(LuaDeclaration(id: id, name: name, origin: origin, functionDepth: functionDepth))
    scopes[scopes.count - 1][name.text] = id
  }

  private mutating func use(_ name: LuaName, isAssigned: Bool = false) {
    var kind = LuaNameUse.Kind.global
    if let id = scopes.lazy.reversed().compactMap({ $0[name.text] }).first {
      let isOwn = declarations[id].functionDepth == functionDepth
      kind = isOwn ? .local(declaration: id) : .upvalue(declaration: id)
    }
    positions[name.span.bytes.lowerBound] = uses.count
    uses.append(LuaNameUse(name: name, kind: kind, isAssigned: isAssigned, functionDepth: functionDepth))
  }

  private mutating func scoped(_ body: (inout LuaScopes) -> Void) {
    scopes.append([:])
    body(&self)
    scopes.removeLast()
  }

  private mutating func statements(_ block: LuaBlock) {
    for statement in block.statements { self.statement(statement) }
  }

  private mutating func statement(_ statement: LuaStatement) {
    switch statement.kind {
    case .assignment(let targets, let values):
      for target in targets { assign(target) }
      for value in values { expression(value) }
    case .local(let locals, let values):
      for value in values { expression(value) }
      for local in locals { declare(local.name, .local(local.attribute)) }
    case .localFunction(let name, let body):
      declare(name, .function)
      function(body)
    case .function(let name, let body):
      use(name.path[0], isAssigned: name.path.count == 1 && name.method == nil)
      function(body, method: name.method)
    case .repeatLoop(let body, let condition):
      scoped {
        $0.statements(body)
        $0.expression(condition)
      }
    case .numericFor(let name, _, _, _, let body):
      for value in statement.expressions { expression(value) }
      loop([name], body)
    case .genericFor(let names, let values, let body):
      for value in values { expression(value) }
      loop(names, body)
    case .conditional(let clauses, let otherwise):
      for clause in clauses {
        expression(clause.condition)
        scoped { $0.statements(clause.body) }
      }
      if let otherwise { scoped { $0.statements(otherwise) } }
    default:
      for value in statement.expressions { expression(value) }
      for block in statement.blocks { scoped { $0.statements(block) } }
    }
  }

  private mutating func loop(_ names: [LuaName], _ body: LuaBlock) {
    scoped {
      for name in names { $0.declare(name, .loop) }
      $0.statements(body)
    }
  }

  private mutating func assign(_ target: LuaExpression) {
    if case .name(let name) = target.kind { use(name, isAssigned: true) } else { expression(target) }
  }

  private mutating func expression(_ expression: LuaExpression) {
    switch expression.kind {
    case .name(let name): use(name)
    case .function(let body): function(body)
    default: for child in expression.children { self.expression(child) }
    }
  }

  private mutating func function(_ body: LuaFunctionBody, method: LuaName? = nil) {
    functionDepth += 1
    scoped {
      if let method { $0.declare(LuaName(text: "self", span: method.span), .implicit) }
      for parameter in body.parameters { $0.declare(parameter, .parameter) }
      $0.statements(body.body)
    }
    functionDepth -= 1
  }
}
