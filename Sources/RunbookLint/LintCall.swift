import LuaSyntax
import PrimitiveKit

/// A call of a primitive with its arguments bound as far as they are written out.
struct LintCall {
  let info: PrimitiveInfo
  /// The arguments by the name of the parameter.
  private(set) var arguments: [String: LuaExpression] = [:]
  /// Names in the table that the primitive does not have.
  private(set) var unknown: [(name: String, span: LuaSpan)] = []
  /// The first argument beyond those that the primitive has.
  private(set) var surplus: LuaSpan?
  /// Whether every argument is known: no computed key, no call that may answer several values.
  private(set) var isComplete = true

  /// Binds as `Arguments` does when the call is made.
  init(_ info: PrimitiveInfo, _ values: [LuaExpression]) {
    self.info = info
    var positional = values[...]
    if let last = values.last, case .table(let fields) = last.bare.kind {
      bind(fields, at: values.count - 1, &positional)
    }
    if let last = positional.last, last.isMultiple { isComplete = false }
    if isComplete, positional.count > info.parameters.count {
      surplus = positional[info.parameters.count + positional.startIndex].span
    }
    for (parameter, value) in zip(info.parameters, positional) where arguments[parameter.name] == nil {
      arguments[parameter.name] = value
    }
    // A table in a variable may be the call by name.
    if let last = values.last, LintCall.mayBeTable(last), values.count <= info.parameters.count { isComplete = false }
  }

  private mutating func bind(
    _ fields: [LuaTableField],
    at position: Int,
    _ positional: inout ArraySlice<LuaExpression>
  ) {
    var named: [(String, LuaSpan, LuaExpression)] = []
    for field in fields {
      switch field {
      case .named(let name, let value): named.append((name.text, name.span, value))
      case .keyed(let key, let value):
        guard let name = key.bare.text else {
          isComplete = false
          return
        }
        named.append((name, key.span, value))
      // A list is an argument by position.
      case .positional: return
      }
    }
    guard isNamed(named.map(\.0), at: position) else { return }
    positional = positional.dropLast()
    let names = info.parameters.map(\.name)
    for (name, span, value) in named {
      if names.contains(name) { arguments[name] = value } else { unknown.append((name, span)) }
    }
  }

  private func isNamed(_ names: [String], at position: Int) -> Bool {
    guard position < info.parameters.count else { return true }
    if info.parameters[position].isWhole == true { return false }
    let type = info.parameters[position].type
    guard type.contains("table") || type == "any" else { return true }
    return names.isEmpty ? position == 0 : names.contains { name in info.parameters.contains { $0.name == name } }
  }

  private static func mayBeTable(_ expression: LuaExpression) -> Bool {
    switch expression.bare.kind {
    case .name, .field, .index, .call, .method, .varargs: true
    case .binary(let sign, _, let right): sign == .or || sign == .and ? mayBeTable(right) : false
    default: false
    }
  }
}
