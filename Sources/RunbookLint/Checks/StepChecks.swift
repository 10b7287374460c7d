import LuaSyntax

extension LintContext {
  /// Names of steps: stable, and different where they stand side by side.
  func checkSteps(_ roles: LintRoles) {
    guard tree != nil else { return }
    var named = NamedFunctions()
    text.block.walk(&named)
    let parts = parts.map(\.body)
    for body in parts {
      var names = StepNames()
      StepWalk(context: self, roles: roles, loopVariables: [], isInLoop: false).block(body.body, &names)
    }
    for body in named.bodies where !parts.contains(where: { $0.span == body.span }) {
      // Who calls it may do so in a loop and hand in its variable.
      let own = Set(body.parameters.compactMap(bindings.declared))
      var names = StepNames()
      StepWalk(context: self, roles: roles, loopVariables: own, isInLoop: false).block(body.body, &names)
    }
  }
}

/// The functions that a statement defines.
private struct NamedFunctions: LuaVisitor {
  var bodies: [LuaFunctionBody] = []

  mutating func enter(_ statement: LuaStatement) {
    if let body = statement.function { bodies.append(body) }
  }
}

/// The literal names that a scope has so far, with their lines.
private struct StepNames {
  var lines: [String: Int] = [:]
}

/// Walks one function in the order of its steps.
private struct StepWalk {
  let context: LintContext
  let roles: LintRoles
  var loopVariables: Set<Int>
  var isInLoop: Bool

  func block(_ block: LuaBlock, _ names: inout StepNames) {
    for statement in block.statements { self.statement(statement, &names) }
  }

  private func statement(_ statement: LuaStatement, _ names: inout StepNames) {
    for expression in statement.expressions { self.expression(expression, &names) }
    switch statement.kind {
    case .conditional(let clauses, let otherwise):
      // Only one of the branches runs, so each may use the same name.
      var all = names
      for body in clauses.map(\.body) + (otherwise.map { [$0] } ?? []) {
        var branch = names
        block(body, &branch)
        all.lines.merge(branch.lines) { first, _ in first }
      }
      names = all
    case .numericFor(let name, _, _, _, let body): looped([name]).block(body, &names)
    case .genericFor(let loop, _, let body): looped(loop).block(body, &names)
    case .whileLoop(_, let body), .repeatLoop(let body, _): looped([]).block(body, &names)
    case .block(let body): block(body, &names)
    default: break
    }
  }

  private func looped(_ names: [LuaName]) -> StepWalk {
    var walk = self
    walk.isInLoop = true
    walk.loopVariables.formUnion(names.compactMap(context.bindings.declared))
    return walk
  }

  private func expression(_ expression: LuaExpression, _ names: inout StepNames) {
    switch expression.kind {
    case .method(let object, let method, let arguments) where roles.role(object) == .job:
      if let name = StepName(of: method, arguments.values, context.bindings) { check(name, &names) }
      guard ["step", "each"].contains(method.text) else {
        return arguments.values.forEach { self.expression($0, &names) }
      }
      // Bodies are scopes of their own; what `each` hands in tells its rounds apart.
      for argument in arguments.values { scopes(in: argument, isEach: method.text == "each", &names) }
    case .function(let body): block(body.body, &names)
    default: for child in expression.children { self.expression(child, &names) }
    }
  }

  private func scopes(in argument: LuaExpression, isEach: Bool, _ names: inout StepNames) {
    switch argument.bare.kind {
    case .function(let body):
      var walk = self
      walk.isInLoop = false
      if isEach { walk.loopVariables.formUnion(body.parameters.compactMap(context.bindings.declared)) }
      var inner = StepNames()
      walk.block(body.body, &inner)
    case .table(let fields): for field in fields { scopes(in: field.value, isEach: isEach, &names) }
    default: expression(argument, &names)
    }
  }

  private func check(_ name: StepName, _ names: inout StepNames) {
    if let text = name.text(context.bindings) {
      if let problem = LintJob.problem(ofName: text) {
        let hint = "use a few words without / ~ or #, at most 120 bytes"
        context.add(.stepName, name.span, "the name of this step \(problem)", hint: hint)
      }
      if isInLoop {
        let message = "the step '\(text)' is in a loop and has the same name in every iteration"
        context.add(.stepRepeated, name.span, message, hint: "put the loop variable in the name, or use job:each")
      } else if let line = names.lines[text] {
        let message = "the step '\(text)' has the same name as the one in line \(line)"
        context.add(.stepRepeated, name.span, message, hint: "rename one of them")
      }
      if names.lines[text] == nil { names.lines[text] = name.span.line }
      return
    }
    let variables = name.expression.map { self.variables(in: $0) } ?? []
    guard variables.isDisjoint(with: loopVariables) else { return }
    if isInLoop, !variables.contains(where: context.bindings.isAssigned) {
      let message = "the name of this step does not contain a loop variable, so it is the same in every iteration"
      context.add(.stepRepeated, name.span, message, hint: "put the loop variable in the name, or use job:each")
    } else {
      let hint = "write a literal, or build it from a loop variable: resume finds a step by its name"
      context.add(.stepComputed, name.span, "the name of this step is computed", hint: hint)
    }
  }

  /// The local variables that an expression is built from, through those that never change.
  private func variables(in expression: LuaExpression) -> Set<Int> {
    Set(context.bindings.unfolded(expression).compactMap(context.bindings.variable))
  }
}
