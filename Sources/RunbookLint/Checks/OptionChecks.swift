import LuaSyntax
import PrimitiveKit

extension LintContext {
  /// The arguments of calls, and the commands among them.
  func checkCalls() {
    var calls = CallChecks(context: self)
    text.block.walk(&calls)
  }
}

/// Looks at every call of a primitive.
private struct CallChecks: LuaVisitor {
  let context: LintContext

  func enter(_ expression: LuaExpression) {
    guard case .call(let callee, let arguments) = expression.kind, let info = context.primitive(callee) else { return }
    if let refused = context.refusal?(info) {
      context.add(.capabilityUndeclared, callee.span, refused.message, hint: refused.hint)
    }
    let call = LintCall(info, arguments.values)
    let names = info.parameters.map(\.name)
    for (name, span) in call.unknown {
      let hint = NearestName.question(for: name, in: names) ?? "its arguments: \(names.joined(separator: ", "))"
      context.add(.unknownOption, span, "\(info.name) has no argument '\(name)'", hint: hint)
    }
    if let surplus = call.surplus {
      let message = "\(info.name) takes at most \(names.count) argument\(names.count == 1 ? "" : "s")"
      context.add(.unknownOption, surplus, message, hint: "usage: \(info.signature)")
    }
    if call.isComplete {
      let missing = info.parameters.filter { $0.isRequired && call.arguments[$0.name] == nil }.map { "'\($0.name)'" }
      if !missing.isEmpty {
        let message = "\(info.name) needs \(missing.joined(separator: " and "))"
        context.add(.missingOption, callee.span, message, hint: "usage: \(info.signature)")
      }
    }
    context.checkCommand(call)
  }
}
