@testable import PrimitiveKit

/// An operation for tests: writes words on a host.
struct WriteWords: Operation {
  static let kind = "test.write"
  let words: String

  var target: OperationTarget { .host("web1") }
  var effect: Effect { .changes }
  var summary: String { "write \(words) on web1" }

  func predict(in world: World) async throws(CallFailure) -> Prediction<String> { .exact(words) }
  func perform(in world: World) async throws(CallFailure) -> String { words }
  func probe(in world: World) async throws(CallFailure) -> Probe<String> { .notDone }
  func inverse(of outcome: String) -> (any Operation)? { WriteWords(words: "not \(words)") }
}

extension OperationIntent {
  /// The intent to write words, under the words as key.
  static func of(_ words: String) -> OperationIntent {
    let operation = EncodedOperation(WriteWords(words: words), text: "{\"words\":\"\(words)\"}")
    return OperationIntent(key: words, operation, step: "write", epoch: 7)
  }
}
