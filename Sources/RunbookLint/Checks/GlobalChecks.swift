import LuaSyntax
import PrimitiveKit

extension LintContext {
  /// Names that nobody declared, and names of modules that do not exist.
  func checkGlobals() {
    let uses = bindings.scopes.uses.filter { $0.declaration == nil }
    // A read of a name that is written elsewhere is the same mistake once more.
    let written = Set(uses.filter(\.isAssigned).map(\.name.text))
    let known = globals.names.union(bindings.scopes.declarations.map(\.name.text))
    for use in uses {
      let name = use.name.text
      if use.isAssigned {
        add(
          .globalWrite,
          use.name.span,
          "'\(name)' is assigned but not local",
          hint: "declare it with `local`"
        )
      } else if !globals.names.contains(name), !written.contains(name) {
        let hint = NearestName.question(for: name, in: known)
        add(.globalRead, use.name.span, "no variable named '\(name)'", hint: hint)
      }
    }
    var paths = PathChecks(context: self)
    text.block.walk(&paths)
  }
}

/// Follows `fleet.deploy` and `string.format` to what there is.
private struct PathChecks: LuaVisitor {
  let context: LintContext
  private var written: Set<Int> = []

  init(context: LintContext) { self.context = context }

  mutating func enter(_ statement: LuaStatement) {
    if case .function(let function, _) = statement.kind, function.path.count + (function.method == nil ? 0 : 1) > 1,
      context.bindings.scopes.use(of: function.path[0])?.declaration == nil
    {
      let message = "'\(function.text)' is assigned but not local"
      return context.add(.globalWrite, function.path[0].span, message, hint: "declare it with `local`")
    }
    guard case .assignment(let targets, _) = statement.kind else { return }
    for target in targets {
      guard case .field(let object, let name) = target.kind, let path = context.bindings.path(object), path != "args"
      else {
        continue
      }
      written.insert(name.span.bytes.lowerBound)
      let what = ["_G", "_ENV"].contains(path) ? "'\(name.text)'" : "'\(path).\(name.text)'"
      context.add(
        .globalWrite,
        name.span,
        "\(what) is assigned but not local",
        hint: "declare it with `local`"
      )
    }
  }

  func enter(_ expression: LuaExpression) {
    guard case .field(let object, let name) = expression.kind, let path = context.bindings.path(object),
      !written.contains(name.span.bytes.lowerBound)
    else { return }
    let full = "\(path).\(name.text)"
    let names = context.primitives.keys
    if names.contains(where: { $0.hasPrefix(path + ".") }) {
      guard context.primitives[full] == nil, !names.contains(where: { $0.hasPrefix(full + ".") }) else { return }
      let hint = NearestName.question(for: full, in: names) ?? "see the list with `help(\(path))`"
      context.add(.unknownPrimitive, name.span, "no such name: '\(full)'", hint: hint)
    } else if let fields = context.globals.fields[path], !fields.contains(name.text) {
      let hint = NearestName.question(for: name.text, in: fields)
      context.add(.globalRead, name.span, "no such name: '\(full)'", hint: hint)
    }
  }
}
