import LuaSyntax
import RunbookHeader

/// Collects every expression that a function can reach in its own file: its body, and local names it uses.
struct LintReach: LuaVisitor {
  private let bindings: LuaBindings
  // The runbook's own table holds all its functions: naming it reaches none of them.
  private let runbook: Int?
  private var followed: Set<Int> = []
  private var open: [LuaBindings.Content] = []
  private(set) var expressions: [LuaExpression] = []

  init(_ body: LuaFunctionBody, _ bindings: LuaBindings, _ tree: RunbookTree?) {
    self.bindings = bindings
    runbook = tree?.variable
    body.walk(&self)
    while let next = open.popLast() {
      switch next {
      case .expression(let expression): expression.walk(&self)
      case .function(let body): body.walk(&self)
      }
    }
  }

  mutating func enter(_ expression: LuaExpression) {
    expressions.append(expression)
    guard let id = bindings.variable(expression), followed.insert(id).inserted, id != runbook else { return }
    open += (bindings.contents[id] ?? []).reversed()
  }
}
