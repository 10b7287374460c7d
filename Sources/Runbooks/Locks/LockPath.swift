import PrimitiveKit

/// A scope as an operator writes it: `fleet`, `host/web1`.
struct LockPath: ValueConvertible {
  let scope: LockScope

  static var luaType: String { "string" }

  init(_ value: Value) throws(ConversionError) {
    guard case .string(let text) = value, let scope = LockScope(text), LockPath.isKnown(scope) else {
      throw ConversionError(
        expected: "a scope",
        found: value,
        hint: "fleet, host/NAME, environment/NAME or environment/NAME/system/NAME"
      )
    }
    self.scope = scope
  }

  private static func isKnown(_ scope: LockScope) -> Bool {
    switch scope.path.first {
    case nil: true
    case "host": scope.path.count == 2
    case "environment": scope.path.count == 2 || scope.path.count == 4 && scope.path[2] == "system"
    default: false
    }
  }

  var value: Value { .string("\(scope)") }
}
