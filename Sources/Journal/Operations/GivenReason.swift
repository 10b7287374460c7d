package import PrimitiveKit

/// The words with which a person says why: what the audit keeps of a decision is worth nothing without them.
package enum GivenReason {
  /// Throws `call.argument` for words that say nothing; `advice` tells what to say.
  package static func require(_ words: String, of call: String, advice: String) throws(CallFailure) {
    guard words.allSatisfy(\.isWhitespace) else { return }
    throw CallFailure(.invalid, code: "call.argument", message: "\(call): 'reason' must not be blank", hint: advice)
  }
}
