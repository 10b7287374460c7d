import Foundations
package import PrimitiveKit

/// `http.*`: servers that are asked over HTTP from this machine.
package struct HTTPPrimitives: Sendable {
  let surroundings: Surroundings
  let hidden = HiddenContents()

  package init(_ surroundings: Surroundings) { self.surroundings = surroundings }

  package var all: [Primitive] { [get, head, post, put, delete] }

  private static let topics = ["url", "web", "curl", "fetch", "rest", "api", "request"]

  private var get: Primitive {
    reading(
      "http.get",
      "Asks a server for what an address names.",
      .get,
      #"local ok, problem = pcall(http.get, "http://127.0.0.1:1/") print(ok, problem.code)"#,
      "nobody listens there"
    )
  }

  private var head: Primitive {
    reading(
      "http.head",
      "Asks a server for the headers that http.get would return.",
      .head,
      #"local ok, problem = pcall(http.head, "http://127.0.0.1:1/") print(problem.message)"#,
      "why there is no answer"
    )
  }

  private var post: Primitive {
    changing(
      "http.post",
      "Sends something to a server.",
      .post,
      #"http.post{ url = "https://desk.example/deposits", json = { user = "u1", amount = "100" }, dry_run = true }"#,
      "what would be sent"
    )
  }

  private var put: Primitive {
    changing(
      "http.put",
      "Puts something at an address of a server.",
      .put,
      #"http.put{ url = "https://desk.example/limits/u1", json = { max = 5 }, dry_run = true }"#,
      "what would be sent"
    )
  }

  private var delete: Primitive {
    changing(
      "http.delete",
      "Asks a server to delete what an address names.",
      .delete,
      #"http.delete{ url = "https://desk.example/orders/17", dry_run = true }"#,
      "what would be sent"
    )
  }

  private static let answered = "The answer"
  private static let authorities = "A file with the certificates to trust; default: those of this machine"
  private static let limit = "The most bytes that the body of the answer may have"
  private static let check = "Raise an error unless the status is 200 to 299"
  private static let secrecy = "Keep the path and the answer out of messages and records, too"

  private func reading(
    _ name: String,
    _ summary: String,
    _ method: HTTPRequest.Method,
    _ example: String,
    _ note: String
  ) -> Primitive {
    Primitive(
      name,
      summary,
      effect: .reads,
      Parameter<WebAddress>("url", "The address, with http:// or https://; no record holds its query"),
      Parameter<WebHeaders>("headers", default: WebHeaders(), "Headers by name; no record holds their values"),
      Parameter<Duration>("timeout", default: .seconds(30), "For everything, redirects and retries included"),
      Parameter<Int>("retries", default: 0, "How often to ask again when that may help"),
      Parameter<Int>("redirects", default: 5, "How many redirects to follow"),
      Parameter<Int>("limit", default: 1 << 20, HTTPPrimitives.limit),
      Parameter<ScriptPath?>("ca", default: nil, HTTPPrimitives.authorities),
      Parameter<Bool>("check", default: true, HTTPPrimitives.check),
      Parameter<Bool>("private", default: false, HTTPPrimitives.secrecy),
      returns: HTTPPrimitives.answered,
      examples: [Example(example, note)],
      topics: HTTPPrimitives.topics
    ) { url, headers, timeout, retries, redirects, limit, ca, check, isPrivate async throws(CallFailure) -> WebAnswer in
      try Bounds.check(redirects, "redirects", 0...20, of: name)
      var request = HTTPRequest(method, url.address)
      (request.headers, request.redirects, request.isPrivate) = (headers.headers, redirects, isPrivate)
      try await self.bound(&request, timeout, limit, ca, retries, of: name)
      return try await self.read(request, retries: retries, check: check, of: name)
    }
  }

  private func changing(
    _ name: String,
    _ summary: String,
    _ method: HTTPRequest.Method,
    _ example: String,
    _ note: String
  ) -> Primitive {
    Primitive(
      name,
      summary,
      effect: .changes,
      Parameter<WebAddress>("url", "The address, with http:// or https://; no record holds its query"),
      Parameter<WebHeaders>("headers", default: WebHeaders(), "Headers by name; no record holds their values"),
      Parameter<Value>("json", default: .null, "The body: a value that is sent as JSON"),
      Parameter<ByteText?>("body", default: nil, "The body as it is, instead of `json`"),
      Parameter<Duration>("timeout", default: .seconds(30), "For everything, retries included"),
      Parameter<Int>("retries", default: 0, "How often to try again while nothing was sent"),
      Parameter<String?>("id", default: nil, "Tells it from others of its step that go to the same address"),
      Parameter<LookUpAddress?>(
        "lookup",
        default: nil,
        "Where to ask whether it was done: 200 to 299 says yes, 404 and 410 no; {key} is its idempotency key"
      ),
      Parameter<String>("key_header", default: "Idempotency-Key", "The header with that key; \"\" sends none"),
      Parameter<Int>("limit", default: 1 << 20, HTTPPrimitives.limit),
      Parameter<ScriptPath?>("ca", default: nil, HTTPPrimitives.authorities),
      Parameter<Bool>("check", default: true, HTTPPrimitives.check),
      Parameter<Bool>("private", default: false, HTTPPrimitives.secrecy),
      Parameter<Bool>("dry_run", default: false, "Show what would be sent; send nothing"),
      returns: HTTPPrimitives.answered,
      examples: [Example(example, note)],
      topics: HTTPPrimitives.topics + ["webhook", "send"]
    ) {
      url,
      headers,
      json,
      body,
      timeout,
      retries,
      id,
      lookUp,
      keyHeader,
      limit,
      ca,
      check,
      isPrivate,
      dry
        async throws(CallFailure) -> WebAnswer in
      var request = HTTPRequest(method, url.address)
      (request.headers, request.isPrivate) = (headers.headers, isPrivate)
      try HTTPPrimitives.fill(&request, json: json, body: body, of: name)
      try await self.bound(&request, timeout, limit, ca, retries, of: name)
      let given = SendRequest.Given(
        request: request,
        retries: retries,
        keyHeader: keyHeader.isEmpty ? nil : keyHeader,
        lookUp: lookUp
      )
      return try await self.change(given, id: id, check: check, dry: dry, of: name)
    }
  }
}
