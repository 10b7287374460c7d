import LuaSyntax
import PrimitiveKit
import RunbookHeader

extension LintContext {
  /// What the functions may do, compared with what they declare.
  func checkEffects() {
    guard let header, tree != nil else { return }
    var used: Set<Effect> = []
    for (name, body) in parts {
      var seen: Set<String> = []
      for expression in LintReach(body, bindings, tree).expressions {
        guard let info = primitive(expression), seen.insert(info.name).inserted else { continue }
        if ["check", "verify"].contains(name) {
          checkReads(info, expression, in: name)
        } else {
          used.insert(info.effect)
          checkDeclared(info, expression, in: name, header)
        }
      }
    }
    checkUnused(used, header)
  }

  private func checkReads(_ info: PrimitiveInfo, _ expression: LuaExpression, in part: String) {
    guard info.effect != .reads else { return }
    add(
      .checkWrites,
      expression.span,
      "\(part) reaches \(info.name), whose effect is '\(info.effect.rawValue)'; \(part) may only read",
      hint: "move the call into a step of run"
    )
  }

  private func checkDeclared(
    _ info: PrimitiveInfo,
    _ expression: LuaExpression,
    in part: String,
    _ header: RunbookHeader
  ) {
    guard !header.effects.contains(info.effect) else { return }
    let declared = Effect.allCases.filter(header.effects.contains).map { "'\($0.rawValue)'" }.joined(separator: ", ")
    add(
      .effectUndeclared,
      expression.span,
      "\(part) reaches \(info.name), whose effect is '\(info.effect.rawValue)'; effects lists only \(declared)",
      hint: "add \"\(info.effect.rawValue)\" to effects"
    )
  }

  private func checkUnused(_ used: Set<Effect>, _ header: RunbookHeader) {
    // What a module does is not seen here, nor what a computed name stands for.
    guard
      !bindings.scopes.uses.contains(where: { $0.declaration == nil && ["require", "load"].contains($0.name.text) })
    else { return }
    for effect in Effect.allCases where effect != .reads && header.effects.contains(effect) && !used.contains(effect) {
      let message = "effects lists '\(effect.rawValue)', but nothing in run or undo needs it"
      add(LintFinding(.effectUnused, at: place(ofField: "effects"), message, hint: "remove it"))
    }
  }
}
