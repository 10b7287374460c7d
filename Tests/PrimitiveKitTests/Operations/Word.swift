import PrimitiveKit
import Synchronization

/// A pretend change of one word, on a place that remembers what was written there.
struct Word: PrimitiveKit.Operation {
  var host = "web1"
  var word = "a"
  var note = InternedText("")

  static let kind = "test.word"
  static let isRepeatable = false
  var target: OperationTarget { .host(host) }
  var effect: Effect { .changes }
  var summary: String { "write \(word)" }

  func predict(in world: World) async throws(CallFailure) -> Prediction<String> {
    word == "guess" ? .unknown(why: "nobody knows") : .exact("wrote \(word)")
  }

  var restsOn: [PredictedWorld.Thing] { [] }
  func leave(_ outcome: String?, in world: PredictedWorld, why: String) {}

  func perform(in world: World) async throws(CallFailure) -> String {
    try await Place.of(world).write(word, world.ticket)
  }
  func probe(in world: World) async throws(CallFailure) -> Probe<String> { Place.of(world).look(word, world.ticket) }

  func inverse(of outcome: String) -> (any PrimitiveKit.Operation)? {
    word == "stays" ? nil : Word(host: host, word: "-\(word)")
  }
}

/// The same, attached to by whoever sends it again under its ticket.
struct AttachedWord: PrimitiveKit.Operation {
  var word = "a"

  static let kind = "test.attached"
  static let isRepeatable = true
  var target: OperationTarget { .host("web1") }
  var effect: Effect { .changes }
  var summary: String { "attach \(word)" }

  func predict(in world: World) async throws(CallFailure) -> Prediction<String> { .exact("wrote \(word)") }
  func perform(in world: World) async throws(CallFailure) -> String {
    try await Place.of(world).attach(word, world.ticket)
  }
  func probe(in world: World) async throws(CallFailure) -> Probe<String> { Place.of(world).look(word, world.ticket) }
  func inverse(of outcome: String) -> (any PrimitiveKit.Operation)? { nil }
}

/// A pretend change of the stop lane.
struct Halt: PrimitiveKit.Operation {
  static let kind = "test.halt"
  static let lane = Lane.stop
  var target: OperationTarget { .host("web1") }
  var effect: Effect { .changes }
  var summary: String { "halt" }

  func predict(in world: World) async throws(CallFailure) -> Prediction<String> { .exact("wrote halt") }
  func perform(in world: World) async throws(CallFailure) -> String {
    try await Place.of(world).write("halt", world.ticket)
  }
  func probe(in world: World) async throws(CallFailure) -> Probe<String> { .notDone }
  func inverse(of outcome: String) -> (any PrimitiveKit.Operation)? { nil }
}

/// Where words are written; is the transport of its world.
final class Place: Transport {
  enum Way: Sendable { case fail, loseAfter, loseBefore, notSent }

  private struct State {
    var written: [String] = []
    var tickets: [String: String] = [:]
    var epochs: [Int?] = []
    var looks: [Int?] = []
    var ways: [Way] = []
    var isDumb = false
    var failure: CallFailure?
  }

  private let state = Mutex(State())

  /// Words in the order they were written.
  var written: [String] { state.withLock { $0.written } }
  var epochs: [Int?] { state.withLock { $0.epochs } }
  /// The epochs that looks came with.
  var looks: [Int?] { state.withLock { $0.looks } }
  var tokens: Set<String> { state.withLock { Set($0.tickets.keys) } }

  func next(_ ways: Way...) { state.withLock { $0.ways = ways } }
  func beDumb(_ isDumb: Bool) { state.withLock { $0.isDumb = isDumb } }

  /// What it kept of how a change ended there.
  func keep(_ failure: CallFailure) { state.withLock { $0.failure = failure } }

  static func of(_ world: World) -> Place { (world.service(Hosts.self) as? Place) ?? Place() }

  func write(_ word: String, _ ticket: Ticket?) async throws(CallFailure) -> String {
    let way = state.withLock { state in state.ways.isEmpty ? nil : state.ways.removeFirst() }
    if way == .fail { throw CallFailure(.failed, code: "test.failed", message: "no") }
    if way == .notSent { throw CallFailure(.refused, .local, code: "local.fault", message: "no descriptor is left") }
    if way == .loseBefore { throw CallFailure(.unknownOutcome, code: "host.lost", message: "gone") }
    state.withLock { state in
      state.written.append(word)
      state.epochs.append(ticket?.epoch)
      if let ticket { state.tickets[ticket.token] = word }
    }
    if way == .loseAfter { throw CallFailure(.unknownOutcome, code: "host.lost", message: "gone") }
    return "wrote \(word)"
  }

  func attach(_ word: String, _ ticket: Ticket?) async throws(CallFailure) -> String {
    if let ticket, state.withLock({ $0.tickets[ticket.token] }) != nil { return "attached \(word)" }
    return try await write(word, ticket)
  }

  func look(_ word: String, _ ticket: Ticket?) -> Probe<String> {
    state.withLock { state in
      state.looks.append(ticket?.epoch)
      if let failure = state.failure { return .failed(failure) }
      if state.isDumb { return .unknown(why: "it does not say") }
      return ticket.flatMap { state.tickets[$0.token] } == nil ? .notDone : .done("found \(word)")
    }
  }

  func execute(_ request: CommandRequest, on host: HostAddress) async throws(TransportError) -> CommandResult {
    throw .unreachable(host: host.name, reason: "no commands here", hint: nil)
  }

  func put(_ file: FileUpload, on host: HostAddress) async throws(TransportError) {}
}

/// A pretend change that says nothing of what it leaves behind.
struct Blind: PrimitiveKit.Operation {
  static let kind = "test.blind"
  var target: OperationTarget { .host("web1") }
  var effect: Effect { .changes }
  var summary: String { "do something" }

  func predict(in world: World) async throws(CallFailure) -> Prediction<String> { .exact("done") }
  func perform(in world: World) async throws(CallFailure) -> String { "done" }
  func probe(in world: World) async throws(CallFailure) -> Probe<String> { .notDone }
  func inverse(of outcome: String) -> (any PrimitiveKit.Operation)? { nil }
}
