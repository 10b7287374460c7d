import PrimitiveKit
import Synchronization

/// The last result that its primitive has shown in its own words.
final class ShownResult: Sendable {
  private let value = Mutex<Value?>(nil)

  func remember(_ result: Value) { value.withLock { $0 = result.throughLua } }

  /// Whether exactly these values were shown; asked once.
  func covers(_ values: [Value]) -> Bool {
    let last = value.withLock { value in
      defer { value = nil }
      return value
    }
    return values.count == 1 && last != nil && values[0].throughLua == last
  }
}

extension Value {
  /// The value as it comes back from Lua: without null fields.
  fileprivate var throughLua: Value {
    switch self {
    case .array(let elements): .array(elements.map(\.throughLua))
    case .table(let fields): .table(fields.filter { $0.value != .null }.mapValues(\.throughLua))
    default: self
    }
  }
}
