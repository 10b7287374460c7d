import PrimitiveKit
import Synchronization

/// What requests of a step hold that their record does not: two that differ in it alone could not be told apart on resume.
final class HiddenContents: Sendable {
  private let digests = Mutex<[String: [UInt8]]>([:])

  /// Throws `http.ambiguous` where this step has sent the same with another content.
  ///
  /// `record` is all that the journal holds of the request.
  func check(_ request: HTTPRequest, recorded record: String, in run: Run) throws(CallFailure) {
    var content = Array((request.address.query ?? "").utf8)
    if request.isPrivate { content += Array(request.address.path.utf8) + (request.body ?? []) }
    let key = "\(run.id) \(CallContext.current.step) \(record)"
    let digest = SHA256(hashing: content).bytes
    let isKnown = digests.withLock { digests in
      // It serves a run at a time; older ones need not be remembered.
      if digests.count > 10_000 { digests = [:] }
      guard let known = digests[key] else {
        digests[key] = digest
        return true
      }
      return known == digest
    }
    guard !isKnown else { return }
    let what = request.isPrivate ? "content" : "query"
    throw CallFailure(
      .invalid,
      code: "http.ambiguous",
      message: "\(request.line) differs only in its \(what) from another one of this step, and no record holds that",
      hint: "pass an `id` that tells them apart, such as the name of what each is about"
    )
  }
}
