import Foundations
package import PrimitiveKit

/// Sends a request that changes something.
///
/// It is sent once. What the server made of a request that was cut off is asked where its script says (`lookup`), else it is
/// unknown. Values of headers, queries and bodies may be secrets: they stay in the process that was given them.
package struct SendRequest: Operation {
  package typealias Outcome = HTTPResult
  package static let kind = "http.send"

  /// What only the process knows that was given it.
  struct Given: Sendable {
    let request: HTTPRequest
    let retries: Int
    /// The header that carries the key; nil for none.
    let keyHeader: String?
    let lookUp: LookUpAddress?
  }

  package let method: HTTPRequest.Method
  package let endpoint: String
  /// As far as it is no secret.
  package let address: String
  /// Names.
  package let headers: [String]
  package let bytes: Int
  /// The beginning of the SHA-256 of the body, in hex; nil where the request is private.
  package let digest: String?
  /// What tells it from others of its step.
  package let id: String?
  /// Nil where it was read from a journal.
  private var given: Given?

  private enum CodingKeys: String, CodingKey { case method, endpoint, address, headers, bytes, digest, id }

  init(_ given: Given, id: String?) {
    let request = given.request
    (method, endpoint, address) = (request.method, request.address.endpoint, request.shown(request.address))
    headers = request.headers.map { $0.name.lowercased() }.sorted()
    bytes = request.body?.count ?? 0
    digest = request.isPrivate ? nil : request.body.map { String(SHA256(hashing: $0).hex.prefix(16)) }
    self.id = id
    self.given = given
  }

  /// The request in one line.
  var line: String { "\(method.rawValue) \(address)" }

  package var target: OperationTarget {
    // Nothing is locked: a hook of a chat is no place where two runs meet.
    OperationTarget(kind: .endpoint, name: endpoint, scopes: [])
  }
  package var effect: Effect { .changes }
  package var summary: String { "send \(line) (\(bytes.counted("byte"))\(id.map { ", id \($0)" } ?? ""))" }

  package static var isPredictable: Bool { false }
  package var restsOn: [PredictedWorld.Thing] { [] }

  package func predict(in world: World) async throws(CallFailure) -> Prediction<HTTPResult> {
    .unknown(why: SendRequest.why)
  }

  static let why = "what a server answers is not known until it was asked"

  package func perform(in world: World) async throws(CallFailure) -> HTTPResult {
    guard let given else {
      throw CallFailure(
        .failed,
        code: "http.lost",
        message: "\(line) cannot be sent again: its headers and its body are not in the journal",
        hint: "run the script again"
      )
    }
    let attempts = Attempts(retries: given.retries, world: world)
    var found: HTTPResult
    do throws(HTTPProblem) {
      found = try await attempts.send(keyed(given, world.ticket?.token))
    } catch {
      // A server that has it done says so at once; one that has not may still be at work.
      if error.mayHaveHappened, error.kind != .cancelled, case .done(let result)? = await quietLook(in: world) {
        return result
      }
      throw CallFailure(told(error, key: world.ticket?.token))
    }
    guard let failure = shortfall(in: found), failure.leavesUnknown else { return found }
    switch await quietLook(in: world) {
    case .done(let result)?: return result
    case .notDone?: found.lookUp = .notDone
    case .failed?, .unknown?, nil: break
    }
    return found
  }

  /// The request with the key by which a server tells whether it has seen it.
  private func keyed(_ given: Given, _ key: String?) -> HTTPRequest {
    var request = given.request
    guard let name = given.keyHeader, let key, !headers.contains(name.lowercased()),
      let header = try? HTTPHeader(name, .text(key))
    else { return request }
    request.headers.append(header)
    return request
  }

  private func told(_ problem: HTTPProblem, key: String?) -> HTTPProblem {
    var problem = problem
    if problem.mayHaveHappened, let name = given?.keyHeader, let key {
      problem.hint = "ask the server for the outcome of the request with the \(name) \(key)"
    }
    return problem
  }

  /// A look-up right after the request, whose own failure is ignored; nil without one.
  private func quietLook(in world: World) async -> Probe<HTTPResult>? {
    guard given?.lookUp != nil else { return nil }
    return try? await probe(in: world)
  }

  package func probe(in world: World) async throws(CallFailure) -> Probe<HTTPResult> {
    guard let given, let lookUp = given.lookUp, let key = world.ticket?.token else {
      return .unknown(why: "nothing says what the server made of \(line); `lookup` names an address that does")
    }
    let address: HTTPAddress
    do throws(ConversionError) {
      address = try lookUp.address(of: key)
    } catch {
      return .unknown(why: "its look-up has an address that is none")
    }
    var request = HTTPRequest(.get, address)
    request.headers = given.request.headers.filter { $0.name.lowercased() != "content-type" }
    (request.timeout, request.limit) = (given.request.timeout, given.request.limit)
    (request.authorities, request.isPrivate) = (given.request.authorities, given.request.isPrivate)
    // A look-up at another server gets nothing that was meant for the first.
    if address.origin != given.request.address.origin { request.headers.removeAll { !$0.isHarmless } }
    let result: HTTPResult
    do throws(HTTPProblem) {
      result = try await Attempts(retries: 2, world: world).send(request)
    } catch {
      throw CallFailure(error)
    }
    let isGone = [404, 410].contains(result.answer.status)
    guard result.isOK || isGone else {
      return .unknown(why: "\(request.line) answers \(result.answer.status)")
    }
    guard result.isOK != (method == .delete) else { return .notDone }
    var done = result
    done.lookUp = .done
    return .done(done)
  }

  package func inverse(of outcome: HTTPResult) -> (any Operation)? { nil }

  package func shortfall(in outcome: HTTPResult) -> CallFailure? {
    guard outcome.lookUp != .done else { return nil }
    return outcome.failure(of: line, changes: true)
  }
}
