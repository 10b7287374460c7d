/// What the names of a Lua text stand for, as far as the text says it.
package struct LuaBindings {
  /// Something that was given to a variable or to a field of it.
  package enum Content {
    case expression(LuaExpression)
    case function(LuaFunctionBody)
  }

  package private(set) var scopes: LuaScopes
  /// Everything that a variable and its fields were given, by declaration.
  package private(set) var contents: [Int: [Content]] = [:]
  private var initial: [Int: LuaExpression] = [:]
  private var functions: [Int: LuaFunctionBody] = [:]
  private var members: [Int: [String: LuaFunctionBody]] = [:]
  private var assigned: Set<Int> = []
  private var declarations: [Int: Int] = [:]

  package init(_ block: LuaBlock) {
    scopes = LuaScopes(block)
    for declaration in scopes.declarations {
      declarations[declaration.name.span.bytes.lowerBound] = declaration.id
    }
    for use in scopes.uses where use.isAssigned {
      if let id = use.declaration { assigned.insert(id) }
    }
    var collector = Collector(bindings: self)
    block.walk(&collector)
    self = collector.bindings
  }

  /// The variable that a name declares where it stands.
  package func declared(_ name: LuaName) -> Int? { declarations[name.span.bytes.lowerBound] }

  /// The variable that an expression is, when it is nothing but a local name.
  package func variable(_ expression: LuaExpression) -> Int? {
    guard case .name(let name) = expression.bare.kind else { return nil }
    return scopes.use(of: name)?.declaration
  }

  /// Whether a variable gets another value after its declaration.
  package func isAssigned(_ id: Int) -> Bool { assigned.contains(id) }

  /// What a local name that never changes stands for; other expressions stand for themselves.
  package func resolved(_ expression: LuaExpression) -> LuaExpression {
    var expression = expression.bare
    // A declaration sees only those before it, so this ends.
    while let id = variable(expression), !assigned.contains(id), let value = initial[id] { expression = value.bare }
    return expression
  }

  /// What an expression is built from, itself first, through local names that never change.
  ///
  /// `isOpen` says into which expressions it looks; the bodies of functions are left out.
  package func unfolded(_ expression: LuaExpression, into isOpen: (LuaExpression) -> Bool = { _ in true })
    -> [LuaExpression]
  {
    var found: [LuaExpression] = []
    var open = [expression]
    var followed: Set<Int> = []
    while let next = open.popLast()?.bare {
      found.append(next)
      if let id = variable(next) {
        if !assigned.contains(id), let value = initial[id], followed.insert(id).inserted { open.append(value) }
      } else if isOpen(next) {
        open += next.children.reversed()
      }
    }
    return found
  }

  /// The dotted path from a global name, through local names for parts of it: `fleet.deploy`.
  package func path(_ expression: LuaExpression) -> String? {
    var names: [String] = []
    var expression = resolved(expression)
    while true {
      switch expression.kind {
      case .name(let name):
        guard scopes.use(of: name)?.declaration == nil else { return nil }
        return ([name.text] + names.reversed()).joined(separator: ".")
      case .field(let object, let name):
        names.append(name.text)
        expression = resolved(object)
      case .index(let object, let key):
        guard let name = key.bare.text else { return nil }
        names.append(name)
        expression = resolved(object)
      default: return nil
      }
      // No module is nested as deep.
      if names.count > 16 { return nil }
    }
  }

  /// The function of this text that an expression stands for.
  package func function(_ expression: LuaExpression) -> LuaFunctionBody? {
    var expression = resolved(expression)
    // Far more tables in tables than anybody writes.
    for _ in 0..<16 {
      switch expression.kind {
      case .function(let body): return body
      case .name: return variable(expression).flatMap { functions[$0] }
      case .field(let object, let name):
        if let id = variable(object), let body = members[id]?[name.text] { return body }
        guard case .table(let fields) = resolved(object).kind else { return nil }
        guard let value = LuaBindings.value(of: name.text, in: fields) else { return nil }
        expression = resolved(value)
      default: return nil
      }
    }
    return nil
  }

  private static func value(of name: String, in fields: [LuaTableField]) -> LuaExpression? {
    for case .named(let key, let value) in fields where key.text == name { return value }
    return nil
  }

  private struct Collector: LuaVisitor {
    var bindings: LuaBindings

    mutating func enter(_ statement: LuaStatement) {
      switch statement.kind {
      case .local(let locals, let values):
        for (local, value) in zip(locals, values) {
          guard let id = bindings.declared(local.name) else { continue }
          bindings.initial[id] = value
          bindings.contents[id, default: []].append(.expression(value))
        }
      case .localFunction(let name, let body):
        guard let id = bindings.declared(name) else { return }
        bindings.functions[id] = body
        bindings.contents[id, default: []].append(.function(body))
      case .function(let name, let body):
        guard let id = bindings.scopes.use(of: name.path[0])?.declaration else { return }
        bindings.contents[id, default: []].append(.function(body))
        if name.path.count == 2, name.method == nil { bindings.members[id, default: [:]][name.path[1].text] = body }
      case .assignment(let targets, let values):
        for (target, value) in zip(targets, values) { assign(target, value) }
      default: break
      }
    }

    private mutating func assign(_ target: LuaExpression, _ value: LuaExpression) {
      var root = target
      while true {
        switch root.kind {
        case .field(let object, _), .index(let object, _), .parenthesized(let object): root = object
        default:
          guard let id = bindings.variable(root) else { return }
          bindings.contents[id, default: []].append(.expression(value))
          if case .field(let object, let name) = target.kind, bindings.variable(object) == id,
            case .function(let body) = value.bare.kind
          {
            bindings.members[id, default: [:]][name.text] = body
          }
          return
        }
      }
    }
  }
}
