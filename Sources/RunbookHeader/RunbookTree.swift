package import LuaSyntax

/// The table that a Lua text returns with its last statement, as it is written.
package struct RunbookTree {
  /// A field of the table.
  package struct Field {
    package let span: LuaSpan
    package let value: LuaExpression?
    package let function: LuaFunctionBody?
  }

  /// The functions of a runbook.
  package static let parts = ["check", "run", "undo", "verify"]

  /// Whether the table is meant to be a runbook, even when fields are missing; the table of a module is not.
  package var resemblesRunbook: Bool {
    let known = Set(fields.keys).intersection(RunbookHeader.fields)
    return known.count > 1 && !known.isDisjoint(with: ["run", "check", "undo", "params", "effects"])
  }

  /// The returned variable when the table has a name.
  package let variable: Int?
  package private(set) var fields: [String: Field] = [:]

  /// Nil when the text returns no table that is written out.
  package init?(_ block: LuaBlock, _ bindings: LuaBindings) {
    guard case .returning(let values)? = block.statements.last?.kind, values.count == 1 else { return nil }
    guard case .table(let constructor) = bindings.resolved(values[0]).kind else { return nil }
    variable = bindings.variable(values[0])
    for case .named(let name, let value) in constructor { add(name.text, name.span, value, bindings) }
    for case .keyed(let key, let value) in constructor {
      if let name = key.text { add(name, key.span, value, bindings) }
    }
    for statement in block.statements { add(statement, bindings) }
  }

  /// Whether it has the fields that make it a runbook.
  package var isRunbook: Bool { fields["version"] != nil && fields["run"] != nil }

  private mutating func add(_ name: String, _ span: LuaSpan, _ value: LuaExpression, _ bindings: LuaBindings) {
    fields[name] = Field(span: span, value: value, function: bindings.function(value))
  }

  // Fields that are set apart: `function runbook.run(job)` and `runbook.version = "1.0.0"`.
  private mutating func add(_ statement: LuaStatement, _ bindings: LuaBindings) {
    guard let variable else { return }
    switch statement.kind {
    case .function(let name, let body):
      guard name.path.count == 2, name.method == nil,
        bindings.scopes.use(of: name.path[0])?.declaration == variable
      else { return }
      fields[name.path[1].text] = Field(span: name.path[1].span, value: nil, function: body)
    case .assignment(let targets, let values):
      for (target, value) in zip(targets, values) {
        guard case .field(let object, let name) = target.kind, bindings.variable(object) == variable else { continue }
        add(name.text, name.span, value, bindings)
      }
    default: break
    }
  }
}
