package import PrimitiveKit
import Synchronization

/// A Lua function that Swift keeps and may call through its engine.
package final class LuaFunctionReference: Sendable {
  let id: Int64
  /// Whose code returned it; nil for the operator's.
  package let authority: LuaAuthority?
  private let released: ReleasedReferences

  init(id: Int64, authority: LuaAuthority?, released: ReleasedReferences) {
    self.id = id
    self.authority = authority
    self.released = released
  }

  deinit { released.add(id) }

  /// Whether the function lives in the state that `list` belongs to.
  func belongs(to list: ReleasedReferences) -> Bool { released === list }
}

/// What a module returned: data and functions.
package enum LuaField: Sendable {
  case value(Value)
  case function(LuaFunctionReference)
  case array([LuaField])
  case table([String: LuaField])

  /// The field of a table, or nil.
  package subscript(name: String) -> LuaField? {
    guard case .table(let fields) = self else { return nil }
    return fields[name]
  }

  /// The function, or nil when it is something else.
  package var function: LuaFunctionReference? {
    guard case .function(let reference) = self else { return nil }
    return reference
  }

  /// The data in it, without the functions.
  package var data: Value {
    switch self {
    case .value(let value): value
    case .function: .null
    case .array(let elements): .array(elements.map(\.data))
    case .table(let fields): .table(fields.filter { $1.function == nil }.mapValues(\.data))
    }
  }
}

/// Functions and authorities that Swift no longer holds, until the Lua thread can release them.
final class ReleasedReferences: Sendable {
  private let numbers = Mutex<(functions: [Int64], authorities: [Int32])>(([], []))

  func add(_ id: Int64) { numbers.withLock { $0.functions.append(id) } }

  func add(authority number: Int32) { numbers.withLock { $0.authorities.append(number) } }

  func take() -> (functions: [Int64], authorities: [Int32]) {
    numbers.withLock { numbers in
      defer { numbers = ([], []) }
      return numbers
    }
  }
}
