import Foundation
import Foundations

/// Turns operations and outcomes into JSON and back, in one spelling, so that equal values are equal texts.
package struct OperationCoding: Sendable {
  /// Keeps long texts, such as host scripts, once under their hash.
  package let texts: TextStore
  private let kinds: [String: @Sendable (OperationCoding, String) throws(CallFailure) -> any Operation]

  /// `kinds` are the operations that can be read again.
  package init(kinds: [any Operation.Type] = [], texts: TextStore = TextStore()) {
    self.texts = texts
    var readers: [String: @Sendable (OperationCoding, String) throws(CallFailure) -> any Operation] = [:]
    for kind in kinds { readers[OperationCoding.name(kind)] = OperationCoding.reader(kind) }
    self.kinds = readers
  }

  /// The value as JSON with sorted keys; throws `journal.coding`.
  package func encode(_ value: some Encodable) throws(CallFailure) -> String {
    let encoder = JSONEncoder.stable()
    encoder.userInfo[.textStore] = texts
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw CallFailure(
        .journal,
        code: "journal.coding",
        message: "\(type(of: value)) cannot be recorded: \(error)"
      )
    }
  }

  /// Reads what `encode` wrote; throws `journal.coding`.
  package func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws(CallFailure) -> Value {
    let decoder = JSONDecoder()
    decoder.userInfo[.textStore] = texts
    do {
      return try decoder.decode(type, from: Data(text.utf8))
    } catch {
      throw CallFailure(
        .journal,
        code: "journal.coding",
        message: "the journal's text of a \(type) cannot be read: \(error)",
        hint: "check the version of opsh: another one may have written it"
      )
    }
  }

  /// An operation as text that `operation` reads again.
  package func store(_ operation: any Operation) throws(CallFailure) -> StoredOperation {
    StoredOperation(
      kind: OperationCoding.name(type(of: operation)),
      text: try encode(operation),
      summary: operation.summary,
      target: operation.target
    )
  }

  /// Operations that belong together as one text; nil for none.
  func store(_ operations: [any Operation]) throws(CallFailure) -> StoredOperation? {
    guard let first = operations.first else { return nil }
    var stored = try store(first)
    for operation in operations.dropFirst() { stored.also.append(try store(operation)) }
    return stored
  }

  /// Reads a stored operation; throws `journal.coding` for a kind that this opsh does not know.
  package func operation(_ stored: StoredOperation) throws(CallFailure) -> any Operation {
    guard let read = kinds[stored.kind] else {
      throw CallFailure(
        .journal,
        code: "journal.coding",
        message: "unknown operation '\(stored.kind)'",
        hint: "check that the plugin it came from is loaded"
      )
    }
    return try read(self, stored.text)
  }

  /// Whether what happened is what was predicted, as the operation judges it; both are outcomes as JSON.
  package func agrees(_ stored: StoredOperation, predicted: String, actual: String) -> Bool {
    guard let operation = try? operation(stored) else { return predicted == actual }
    return agrees(operation, predicted, actual)
  }

  private func agrees<Change: Operation>(_ change: Change, _ predicted: String, _ actual: String) -> Bool {
    guard let before = try? decode(Change.Outcome.self, from: predicted),
      let after = try? decode(Change.Outcome.self, from: actual)
    else { return false }
    return Change.agree(before, after)
  }

  /// Whether an operation left everything as it was; `outcome` is JSON, and what cannot be read counts as a change.
  package func leftAsFound(_ stored: StoredOperation, outcome: String) -> Bool {
    guard let operation = try? operation(stored) else { return false }
    return leftAsFound(operation, outcome)
  }

  private func leftAsFound<Change: Operation>(_ change: Change, _ outcome: String) -> Bool {
    guard let outcome = try? decode(Change.Outcome.self, from: outcome) else { return false }
    return change.leftAsFound(by: outcome)
  }

  /// Whether an operation ended and left a part of it in doubt; `outcome` is JSON, and what cannot be read is.
  package func leftInDoubt(_ stored: StoredOperation, outcome: String) -> Bool {
    guard let operation = try? operation(stored) else { return false }
    return leftInDoubt(operation, outcome)
  }

  private func leftInDoubt<Change: Operation>(_ change: Change, _ outcome: String) -> Bool {
    guard let outcome = try? decode(Change.Outcome.self, from: outcome) else { return true }
    return change.leftInDoubt(by: outcome)
  }

  /// What an outcome, as JSON, says against the release that the operation put in place; nil when nothing.
  package func verdict(_ stored: StoredOperation, outcome: String) -> String? {
    guard let operation = try? operation(stored) else { return nil }
    return verdict(operation, outcome)
  }

  private func verdict<Change: Operation>(_ change: Change, _ outcome: String) -> String? {
    guard let outcome = try? decode(Change.Outcome.self, from: outcome) else { return nil }
    return change.verdict(of: outcome)
  }

  /// Whether an outcome, as JSON, is not what was asked for; what cannot be read counts as if it were.
  package func fellShort(_ stored: StoredOperation, outcome: String) -> Bool {
    guard let operation = try? operation(stored) else { return false }
    return fellShort(operation, outcome)
  }

  private func fellShort<Change: Operation>(_ change: Change, _ outcome: String) -> Bool {
    guard let outcome = try? decode(Change.Outcome.self, from: outcome) else { return false }
    return change.shortfall(in: outcome) != nil
  }

  private static func name(_ type: any Operation.Type) -> String { type.kind }

  private static func reader<Change: Operation>(
    _ type: Change.Type
  ) -> @Sendable (OperationCoding, String) throws(CallFailure) -> any Operation {
    { coding, text throws(CallFailure) in try coding.decode(Change.self, from: text) }
  }
}
