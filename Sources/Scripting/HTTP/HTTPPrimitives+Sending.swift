import Foundations
import PrimitiveKit

extension HTTPPrimitives {
  /// As much of an answer as may cross into Lua at once.
  private static let mostRead = 64 << 20

  func bound(
    _ request: inout HTTPRequest,
    _ timeout: Duration,
    _ limit: Int,
    _ authorities: ScriptPath?,
    _ retries: Int,
    of call: String
  ) async throws(CallFailure) {
    try Bounds.check(limit, "limit", 0...HTTPPrimitives.mostRead, of: call)
    try Bounds.check(retries, "retries", 0...20, of: call)
    guard timeout > .zero, timeout <= .seconds(86_400) else {
      throw CallFailure(
        .invalid,
        code: "call.argument",
        message: "\(call): 'timeout' should be more than 0 s and at most a day, got \(timeout.limit)"
      )
    }
    (request.timeout, request.limit) = (timeout, limit)
    request.authorities = try await authorities?.located().absolute
  }

  /// Puts the body in, and says what it is where the script does not.
  static func fill(_ request: inout HTTPRequest, json: Value, body: ByteText?, of call: String) throws(CallFailure) {
    guard json == .null || body == nil else {
      throw CallFailure(.invalid, code: "call.argument", message: "\(call): 'json' and 'body' cannot be given together")
    }
    request.body = body?.bytes
    guard json != .null else { return }
    if let unknown = json.firstUnknown { throw unknown.failure("\(call): 'json'") }
    request.body = Array(try JSONWriter.text(json).utf8)
    guard !request.headers.contains(where: { $0.name.lowercased() == "content-type" }),
      let type = try? HTTPHeader("Content-Type", .text("application/json"))
    else { return }
    request.headers.append(type)
  }

  func read(
    _ request: HTTPRequest,
    retries: Int,
    check: Bool,
    of call: String
  ) async throws(CallFailure) -> WebAnswer {
    let world = CallContext.current.run?.world ?? surroundings.world
    // What the plan sends to this server before may change what it answers.
    let server = PredictedWorld.Thing(kind: .endpoint, name: request.address.endpoint)
    if let why = world.predicted?.loss(of: [server]) { return WebAnswer(why, of: call) }
    // Whatever the session is, the world of a call that only plans only reads.
    let isDry = surroundings.admission.isDry(false)
    let result: HTTPResult
    do throws(HTTPProblem) {
      result = try await Attempts(retries: retries, world: isDry ? world.dry : world).send(request)
    } catch {
      throw CallFailure(error)
    }
    if check, let failure = result.failure(of: request.line, changes: false) { throw failure }
    return WebAnswer(result)
  }

  func change(
    _ given: SendRequest.Given,
    id: String?,
    check: Bool,
    dry: Bool,
    of call: String
  ) async throws(CallFailure) -> WebAnswer {
    let change = SendRequest(given, id: id)
    let arguments: [String: Value] = [
      "url": .string(change.address), "headers": change.headers.value, "bytes": .int(change.bytes), "id": id.value,
      "lookup": given.lookUp.map(\.value) ?? .null,
    ]
    let request = RunRequest(name: call, arguments: .table(arguments), scopes: [], hosts: [])
    let admission = surroundings.admission
    return try await admission.run(PlannedChange(request), dry: dry) { run throws(CallFailure) in
      let encoded = try run.encoded(change)
      try hidden.check(given.request, recorded: encoded.text, in: run)
      guard let result = try await run.perform(encoded) else {
        surroundings.dialogue.say("  would \(change.summary) (dry run)")
        return WebAnswer(SendRequest.why, of: call)
      }
      if check, let failure = change.shortfall(in: result) { throw failure }
      return WebAnswer(result)
    }
  }
}

/// What a script gets of an answer; of a request that was only planned a value that is not known.
struct WebAnswer: Answered, Sendable {
  let value: Value

  static var luaType: String { HTTPResult.luaType }
  static var fields: [FieldInfo] { HTTPResult.fields }

  init(_ result: HTTPResult) { value = result.value }

  init(_ why: String, of call: String) { value = .unknown(Unknown(why: why, origin: call)) }
}
