import HTTPClient
import OpshTesting
import PrimitiveKit

/// One client for all tests: it lives as long as opsh does, too.
let client = HTTPClient(agent: "opsh/test")

func request(
  _ url: String,
  _ method: HTTPRequest.Method = .get,
  _ change: (inout HTTPRequest) -> Void = { _ in }
) throws -> HTTPRequest {
  var request = HTTPRequest(method, try HTTPAddress(url))
  // Tests that block the threads of the pool run beside these.
  request.timeout = .seconds(280)
  change(&request)
  return request
}

/// What keeps a request from an answer; nil where it got one.
func problem(_ request: HTTPRequest) async -> HTTPProblem? {
  do throws(HTTPProblem) {
    _ = try await client.send(request)
    return nil
  } catch {
    return error
  }
}

extension HTTPAnswer {
  var text: String { String(decoding: body?.bytes ?? [], as: UTF8.self) }
}
