import LuaSyntax
import PrimitiveKit
import RunbookHeader

/// Which variables hold the job and which the parameters, through local functions that get them.
struct LintRoles: LuaVisitor {
  /// What a variable holds.
  enum Role { case job, params }

  private let bindings: LuaBindings
  private(set) var roles: [Int: Role] = [:]
  private var hasChanged = false

  init(_ context: LintContext) {
    bindings = context.bindings
    for (_, body) in context.parts {
      for (name, role) in zip(body.parameters, [Role.job, .params]) { set(role, name) }
    }
    // Each round follows one call further.
    for _ in 0..<20 {
      hasChanged = false
      context.text.block.walk(&self)
      if !hasChanged { break }
    }
  }

  /// What an expression holds that is nothing but a name.
  func role(_ expression: LuaExpression) -> Role? { bindings.variable(expression).flatMap { roles[$0] } }

  private mutating func set(_ role: Role, _ name: LuaName) {
    guard let id = bindings.declared(name), roles[id] == nil else { return }
    roles[id] = role
    hasChanged = true
  }

  mutating func enter(_ statement: LuaStatement) {
    guard case .local(let locals, let values) = statement.kind else { return }
    for (local, value) in zip(locals, values) {
      if let role = role(value) { set(role, local.name) }
    }
  }

  mutating func enter(_ expression: LuaExpression) {
    switch expression.kind {
    case .call(let callee, let arguments):
      guard let body = bindings.function(callee) else { return }
      for (parameter, value) in zip(body.parameters, arguments.values) {
        if let role = role(value) { set(role, parameter) }
      }
    // The body of a step and its undo get the job.
    case .method(let object, let name, let arguments) where name.text == "step" && role(object) == .job:
      for argument in arguments.values.dropFirst() { setJob(of: argument) }
    default: break
    }
  }

  private mutating func setJob(of argument: LuaExpression) {
    if case .table(let fields) = bindings.resolved(argument).kind {
      for field in fields { setJob(of: field.value) }
    } else if let first = bindings.function(argument)?.parameters.first {
      set(.job, first)
    }
  }
}

extension LintContext {
  /// The parameters of the runbook, and the methods of its job.
  func checkRoles(_ roles: LintRoles) {
    guard tree != nil else { return }
    var uses = RoleChecks(context: self, roles: roles)
    text.block.walk(&uses)
    guard let header, !uses.escapes else { return }
    var used = uses.used
    for lock in header.locks { used.formUnion(lock.placeholders) }
    if let confirmation = header.confirmation {
      used.formUnion(confirmation.text.map { LockTemplate(text: $0).placeholders } ?? [])
      if case .template(let text) = confirmation.answer { used.formUnion(LockTemplate(text: text).placeholders) }
    }
    let locate = LuaFieldLocator(file: text.path, source: text.rewritten)
    for (index, parameter) in header.params.enumerated() where !used.contains(parameter.name) {
      let place = locate("params[\(index + 1)]")
      add(
        LintFinding(.parameterUnused, at: place, "the parameter '\(parameter.name)' is not used", hint: "remove it")
      )
    }
  }
}

/// Looks at every use of the job and of the parameters.
private struct RoleChecks: LuaVisitor {
  let context: LintContext
  let roles: LintRoles
  var used: Set<String> = []
  /// Whether the parameters go where their use cannot be seen.
  var escapes = false
  private var seen: Set<Int> = []

  init(context: LintContext, roles: LintRoles) {
    self.context = context
    self.roles = roles
  }

  mutating func enter(_ statement: LuaStatement) {
    guard case .local(let locals, let values) = statement.kind else { return }
    for (_, value) in zip(locals, values) where roles.role(value) == .params { account(value) }
  }

  mutating func enter(_ expression: LuaExpression) {
    switch expression.kind {
    case .field(let object, let name) where roles.role(object) == .params:
      account(object)
      use(name.text, name.span)
    case .index(let object, let key) where roles.role(object) == .params:
      guard let name = key.bare.text else { return }
      account(object)
      use(name, key.span)
    case .call(let callee, let arguments):
      if let body = context.bindings.function(callee) {
        for (_, value) in zip(body.parameters, arguments.values) where roles.role(value) == .params { account(value) }
      }
      if case .field(let object, let name) = callee.kind, roles.role(object) == .job {
        context.add(
          .jobMethod,
          name.span,
          "'\(name.text)' is called on the job with a dot",
          hint: "write job:\(name.text)(…)"
        )
      }
    case .method(let object, let name, let arguments) where roles.role(object) == .job: check(name, arguments.values)
    case .name where roles.role(expression) == .params && !seen.contains(expression.span.bytes.lowerBound):
      escapes = true
    default: break
    }
  }

  private func check(_ method: LuaName, _ arguments: [LuaExpression]) {
    guard let options = LintJob.options[method.text] else {
      let names = LintJob.methods
      let hint = NearestName.question(for: method.text, in: names) ?? "it has \(names.joined(separator: ", "))"
      return context.add(.jobMethod, method.span, "the job has no method '\(method.text)'", hint: hint)
    }
    guard let position = LintJob.position(ofOptions: method.text), arguments.count > position,
      case .table(let fields) = context.bindings.resolved(arguments[position]).kind
    else { return }
    for case .named(let name, _) in fields where !options.contains(name.text) {
      let hint =
        NearestName.question(for: name.text, in: options) ?? "its options: \(options.sorted().joined(separator: ", "))"
      context.add(.jobOption, name.span, "job:\(method.text) has no option '\(name.text)'", hint: hint)
    }
  }

  private mutating func account(_ expression: LuaExpression) { seen.insert(expression.bare.span.bytes.lowerBound) }

  private mutating func use(_ name: String, _ span: LuaSpan) {
    used.insert(name)
    guard let header = context.header else { return }
    let names = header.params.map(\.name)
    guard !names.contains(name) else { return }
    let declare = "declare it: params = { { \"\(name)\", type = \"string\" } }"
    let hint = NearestName.question(for: name, in: names) ?? declare
    context.add(.parameterUndeclared, span, "no parameter named '\(name)'", hint: hint)
  }
}
