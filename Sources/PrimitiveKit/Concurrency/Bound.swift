import Synchronization

/// A value that whoever gets it will need, and that exists a little later; `tie` makes one, and keeps its word.
package struct Bound<Value: Sendable>: Sendable {
  private let look: @Sendable () throws(CallFailure) -> Value

  /// One that never has a value: for declarations whose bodies nobody calls.
  package init(failing failure: CallFailure) { look = { () throws(CallFailure) in throw failure } }

  /// One whose value may be another one later, as that of a session whose site is read again.
  package init(looking look: @escaping @Sendable () throws(CallFailure) -> Value) { self.look = look }

  /// One whose value is there already.
  package init(_ value: Value) { look = { () throws(CallFailure) in value } }

  /// The value; throws `internal.unbound` while it is being made.
  package func callAsFunction() throws(CallFailure) -> Value { try look() }

  /// A part of the value.
  package func map<Part: Sendable>(_ part: @escaping @Sendable (Value) -> Part) -> Bound<Part> {
    Bound<Part>(looking: { [look] () throws(CallFailure) in part(try look()) })
  }
}

/// Makes two things that need each other: the first gets the second as a promise, which is kept when this returns.
package func tie<First, Second: Sendable>(
  _ first: (Bound<Second>) throws(CallFailure) -> First,
  to second: (First) throws(CallFailure) -> Second
) throws(CallFailure) -> (First, Second) {
  let box = Box<Second>()
  let made = try first(Bound(looking: { () throws(CallFailure) in try box.get() }))
  let later = try second(made)
  box.set(later)
  return (made, later)
}

/// As `tie`, where making the second thing takes time.
package func tie<First, Second: Sendable>(
  _ first: (Bound<Second>) throws(CallFailure) -> First,
  awaiting second: (First) async throws(CallFailure) -> Second
) async throws(CallFailure) -> (First, Second) {
  let box = Box<Second>()
  let made = try first(Bound(looking: { () throws(CallFailure) in try box.get() }))
  let later = try await second(made)
  box.set(later)
  return (made, later)
}

private final class Box<Value: Sendable>: Sendable {
  private let value = Mutex<Value?>(nil)

  func set(_ made: Value) { value.withLock { $0 = made } }

  func get() throws(CallFailure) -> Value {
    guard let value = value.withLock({ $0 }) else {
      throw CallFailure(.defect, code: "internal.unbound", message: "opsh is still starting")
    }
    return value
  }
}
