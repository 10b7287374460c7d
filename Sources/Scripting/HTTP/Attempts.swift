import Foundations
import PrimitiveKit

/// Sends a request again where that is safe: a read that may pass, and a change of which nothing was sent.
struct Attempts: Sendable {
  let retries: Int
  let world: World

  /// Throws the problem of the last attempt; all of them share the time that the request has.
  func send(_ request: HTTPRequest) async throws(HTTPProblem) -> HTTPResult {
    let client = world.service(HTTP.self)
    let clock = world.clock
    let elapsed = clock.stopwatch()
    var count = 1
    while true {
      var attempt = request
      attempt.timeout = request.timeout - elapsed()
      var pause = Attempts.pause(after: count)
      do throws(HTTPProblem) {
        let answer = try await client.send(attempt)
        let isPassing = request.method.isRead && [429, 502, 503, 504].contains(answer.status)
        if let wish = answer.headers["retry-after"].flatMap({ Int($0) }) { pause = max(pause, .seconds(wish)) }
        guard isPassing, count <= retries, elapsed() + pause < request.timeout else {
          return HTTPResult(answer, to: request, attempts: count)
        }
      } catch {
        let isSafe = error.mayPass && !error.mayHaveHappened
        guard isSafe, count <= retries, elapsed() + pause < request.timeout else {
          var error = error
          if count > 1 { error.message += " (\(count) attempts)" }
          throw error
        }
      }
      do {
        try await clock.sleep(for: pause)
      } catch {
        throw HTTPProblem(.cancelled, "\(request.line) was stopped by the operator")
      }
      count += 1
    }
  }

  /// 0.25 s, 0.5 s, 1 s … at most 8 s.
  private static func pause(after count: Int) -> Duration { .milliseconds(250 << min(count - 1, 5)) }
}
