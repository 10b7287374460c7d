import LuaSyntax
import RunbookHeader

/// The name of a step in the text, with what `job.lua` puts before it.
struct StepName {
  let prefix: String
  /// Nil when the method gives the name itself.
  let expression: LuaExpression?
  let span: LuaSpan

  /// The name that a call on the job gives a step; nil when it begins none.
  init?(of method: LuaName, _ arguments: [LuaExpression], _ bindings: LuaBindings) {
    var prefix = ""
    var expression: LuaExpression?
    switch method.text {
    case "step": expression = arguments.first
    case "each": expression = StepName.option("name", of: method.text, arguments, bindings)
    case "wait":
      expression = StepName.option("name", of: method.text, arguments, bindings)
      if expression == nil {
        prefix = "wait for "
        expression = arguments.first
      }
    case "hold": expression = arguments.first.flatMap { StepName.isText($0, bindings) ? $0 : nil }
    default: return nil
    }
    // Fewer than two arguments are a mistake of another kind.
    guard arguments.count > 1 else { return nil }
    self.prefix = prefix
    self.expression = expression
    span = expression?.span ?? method.span
    fallback = method.text
  }

  private let fallback: String

  /// The whole name when it is written out.
  func text(_ bindings: LuaBindings) -> String? {
    guard let expression else { return fallback }
    return bindings.resolved(expression).text.map { prefix + $0 }
  }

  private static func option(
    _ name: String,
    of method: String,
    _ arguments: [LuaExpression],
    _ bindings: LuaBindings
  ) -> LuaExpression? {
    guard let position = LintJob.position(ofOptions: method), arguments.count > position,
      case .table(let fields) = bindings.resolved(arguments[position]).kind
    else { return nil }
    for case .named(let key, let value) in fields where key.text == name { return value }
    return nil
  }

  // job:hold(fleet.silence, fleet.unsilence, hosts) has no name; its first argument is what acquires.
  private static func isText(_ expression: LuaExpression, _ bindings: LuaBindings) -> Bool {
    switch bindings.resolved(expression).kind {
    case .string, .binary: true
    case .method(_, let name, _): name.text == "format"
    case .call(let callee, _): bindings.path(callee) == "string.format"
    default: false
    }
  }
}
