import PrimitiveKit

/// A scope as an operator writes it: `fleet`, `host/web1`.
struct LockPath: ValueConvertible {
  let scope: LockScope

  static var luaType: String { "string" }

  init(_ value: Value) throws(ConversionError) {
    guard case .string(let text) = value, let scope = LockScope(text) else {
      throw ConversionError(
        expected: "a scope",
        found: value,
        hint: "fleet, host/NAME, environment/NAME or environment/NAME/system/NAME"
      )
    }
    self.scope = scope
  }

  var value: Value { .string("\(scope)") }
}
