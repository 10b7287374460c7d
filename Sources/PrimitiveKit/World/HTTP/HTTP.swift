/// Servers that are asked over HTTP.
package protocol WebClient: Sendable {
  /// Sends a request and reads its answer, whatever its status is.
  ///
  /// A request that changes something is sent once, and follows no redirect.
  func send(_ request: HTTPRequest) async throws(HTTPProblem) -> HTTPAnswer
}

/// Requests of HTTP, of which those that only read are recorded.
package enum HTTP: Service {
  package typealias Form = any WebClient

  package static let name = "http"

  package static func reading(_ live: any WebClient) -> any WebClient { ReadingClient(base: live) }
  package static func recording(_ live: any WebClient, in log: RecordingLog) -> any WebClient {
    RecordingClient(base: live, log: log)
  }
  package static func replaying(_ log: ReplayLog) -> any WebClient { ReplayClient(log: log) }
  package static var absent: any WebClient { ReadingClient(base: nil) }

  /// What tells two requests apart; query and values of headers go through the masks, for one may be a secret.
  ///
  /// The value of a header that is one is no part of it: a recording outlives a token.
  fileprivate static func question(_ request: HTTPRequest, _ masks: Masks) -> ReadQuestion {
    let headers = request.headers.map { header in
      guard case .text(let text) = header.value, !HTTPHeader.isConfidential(header.name) else { return header.name }
      return "\(header.name)=\(masks.id(text))"
    }
    let address = request.address
    return ReadQuestion(
      of: address.endpoint,
      summary: request.line,
      parts: [
        "method": Array(request.method.rawValue.utf8), "address": Array("\(address.scheme) \(address.path)".utf8),
        "query": Array((address.query.map(masks.id) ?? "").utf8),
        "headers": Array(headers.sorted().joined(separator: "\0").utf8),
      ]
    )
  }

  fileprivate static func readOnly(_ request: HTTPRequest) -> HTTPProblem {
    HTTPProblem(.readOnly, "\(request.line) is not sent: a dry run only reads")
  }
}

/// What a server answered, or why it did not.
private struct RecordedExchange: RecordedAnswer {
  var answer: HTTPAnswer?
  var problem: HTTPProblem?

  /// A server answers what it answers, and nobody can tell an id in it: the operator reads a recording before it is shared.
  func masked(by masks: Masks) -> RecordedExchange { self }
}

private struct ReadingClient: WebClient {
  let base: (any WebClient)?

  func send(_ request: HTTPRequest) async throws(HTTPProblem) -> HTTPAnswer {
    guard let base else { throw HTTPProblem(.absent, "\(request.line) cannot be sent: this world has no HTTP") }
    guard request.method.isRead else { throw HTTP.readOnly(request) }
    return try await base.send(request)
  }
}

private struct RecordingClient: WebClient {
  let base: any WebClient
  let log: RecordingLog

  func send(_ request: HTTPRequest) async throws(HTTPProblem) -> HTTPAnswer {
    guard request.method.isRead else { return try await base.send(request) }
    let place = log.ask(HTTP.question(request, log.masks), of: HTTP.self)
    do throws(HTTPProblem) {
      let answer = try await base.send(request)
      // One that must stay here is missing in the replay, which says so.
      if !request.isPrivate { log.answer(place, RecordedExchange(answer: answer.kept(of: request))) }
      return answer
    } catch {
      // That the operator gave up is no answer of the server.
      if error.kind != .cancelled { log.answer(place, RecordedExchange(problem: error)) }
      throw error
    }
  }
}

private struct ReplayClient: WebClient {
  let log: ReplayLog

  func send(_ request: HTTPRequest) async throws(HTTPProblem) -> HTTPAnswer {
    guard request.method.isRead else { throw HTTP.readOnly(request) }
    let exchange: RecordedExchange
    do throws(MissingRead) {
      exchange = try log.answer(to: HTTP.question(request, log.masks), of: HTTP.self)
    } catch {
      throw HTTPProblem(error)
    }
    if let problem = exchange.problem { throw problem }
    guard let answer = exchange.answer else {
      throw HTTPProblem(.unrecorded, "the recording has no answer to \(request.line)")
    }
    return answer
  }
}
