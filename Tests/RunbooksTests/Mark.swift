import PrimitiveKit

/// A pretend change: writes a word on a host, which counts how often it did.
struct Mark: PrimitiveKit.Operation {
  let host: String
  let word: String

  static let kind = "test.mark"
  var target: OperationTarget { .host(host) }
  var effect: Effect { word.hasPrefix("trade") ? .trades : .changes }
  var summary: String { "write \(word) on \(host)" }
  /// A word such as `image-v2` puts a release in place.
  var release: ReleaseReference? {
    word.hasPrefix("image-") ? ReleaseReference(name: word, digest: "sha256:\(word)") : nil
  }

  /// A word such as `image-back` goes back to a release.
  var isRestoring: Bool { word.hasPrefix("image-back") }

  func predict(in world: World) async throws(CallFailure) -> Prediction<String> {
    if word.hasPrefix("guess") { return .unknown(why: "nobody can say what \(word) does") }
    return .exact("\(word), \(try await ask("predict \(word)", .reads, world))")
  }

  /// A word such as `rest-1` depends on what was done before; one such as `guess` leaves its host unknown.
  var restsOn: [PredictedWorld.Thing] { word.hasPrefix("rest") ? [.host(host)] : [] }
  func leave(_ outcome: String?, in world: PredictedWorld, why: String) {
    if outcome == nil { world.lose(.host(host), why: why) }
  }

  func perform(in world: World) async throws(CallFailure) -> String {
    let answer = try await ask("mark \(word) \(world.ticket?.token ?? "-")", .changes, world)
    return "\(word), \(answer)"
  }

  func probe(in world: World) async throws(CallFailure) -> Probe<String> {
    switch try await ask("probe \(word) \(world.ticket?.token ?? "-")", .reads, world) {
    case "done": .done("\(word), found")
    case "no": .notDone
    case let other: .unknown(why: other)
    }
  }

  func inverse(of outcome: String) -> (any PrimitiveKit.Operation)? {
    word.hasPrefix("trade") || word.hasPrefix("forever") || leftAsFound(by: outcome)
      ? nil : Unmark(host: host, word: word)
  }

  /// A word such as `both-x` takes two operations to undo.
  func inverses(of outcome: String) -> [any PrimitiveKit.Operation] {
    guard word.hasPrefix("both") else { return inverse(of: outcome).map { [$0] } ?? [] }
    return ["1", "2"].map { Unmark(host: host, word: word + $0) }
  }

  /// A word such as `same-1` or `image-same` changes nothing.
  func leftAsFound(by outcome: String) -> Bool { word.hasPrefix("same") || word.hasSuffix("same") }

  /// A word such as `image-bad` condemns its release.
  func verdict(of outcome: String) -> String? { word.hasPrefix("image-bad") ? "it does not stay up" : nil }

  /// Whether the pretend fleet was told an answer for this word.
  fileprivate func lapses(in world: World) async throws(CallFailure) -> Bool {
    try await ask("predict \(word)", .reads, world) != "nothing"
  }

  static func agree(_ predicted: String, _ actual: String) -> Bool {
    predicted.prefix { $0 != "," } == actual.prefix { $0 != "," }
  }
}

/// What undoes a `Mark`.
struct Unmark: PrimitiveKit.Operation {
  let host: String
  let word: String

  static let kind = "test.unmark"
  var target: OperationTarget { .host(host) }
  /// A word such as `turn2-x` has its place among others.
  var turn: Int? { word.hasPrefix("turn") ? word.dropFirst(4).first?.wholeNumberValue : nil }
  var effect: Effect { .changes }
  var summary: String { "wipe \(word) on \(host)" }

  var act: String { "wipe \(word)" }
  var release: ReleaseReference? { undone.release }
  var isRestoring: Bool { true }
  private var undone: Mark { Mark(host: host, word: word) }

  func predict(in world: World) async throws(CallFailure) -> Prediction<String> {
    guard case .exact(let said) = try await undoing.predict(in: world) else { return .unknown(why: "no answer") }
    return .exact(said)
  }

  /// Nothing brings back a word such as `gone-1`.
  func obstacle(in world: World) async throws(CallFailure) -> String? {
    word.hasPrefix("gone") ? "\(word) cannot be brought back" : nil
  }

  /// `bad` is what a host answers that did it badly.
  func shortfall(in outcome: String) -> CallFailure? {
    guard outcome.hasSuffix(", bad") else { return nil }
    return CallFailure(.failed, code: "test.bad", message: "\(word) is still there")
  }

  func lapse(in world: World) async throws(CallFailure) -> String? {
    try await Mark(host: host, word: "lapse-\(word)").lapses(in: world) ? "\(word) on \(host) came back" : nil
  }

  private var undoing: Mark { Mark(host: host, word: "undo-\(word)") }
  var restsOn: [PredictedWorld.Thing] { [] }
  func leave(_ outcome: String?, in world: PredictedWorld, why: String) {}

  func perform(in world: World) async throws(CallFailure) -> String {
    try await undoing.perform(in: world)
  }

  func probe(in world: World) async throws(CallFailure) -> Probe<String> {
    try await undoing.probe(in: world)
  }

  func inverse(of outcome: String) -> (any PrimitiveKit.Operation)? { nil }
}

extension Mark {
  /// Asks the pretend fleet.
  private func ask(_ line: String, _ effect: Effect, _ world: World) async throws(CallFailure) -> String {
    let address = HostAddress(name: host, address: host, port: 22, user: "t", kind: .local)
    do {
      let result = try await world.service(Hosts.self).execute(
        CommandRequest(line: line, timeout: nil, effect: effect),
        on: address
      )
      if result.status == 0 { return String(decoding: result.output, as: UTF8.self) }
      throw CallFailure(.failed, code: "test.failed", message: "\(word) failed on \(host)", hint: "look at \(host)")
    } catch {
      throw CallFailure(anyError: error)
    }
  }
}
