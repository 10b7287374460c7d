import OpshTesting
import PrimitiveKit
import Synchronization

/// Hosts that outlive every process of a test: words written on them are counted.
final class PretendFleet: Sendable {
  /// What the next write of a word does.
  enum Way: Sendable {
    case fail
    /// The word is written, and the connection breaks.
    case lostAfter
    /// The connection breaks before the word is written.
    case lostBefore
    case unreachable
    /// The word is written, and the answer says that this did not help.
    case bad
    /// The word is written once `let go` is called.
    case wait
  }

  private struct State {
    var written: [String: Int] = [:]
    var tokens: Set<String> = []
    var order: [String] = []
    var ways: [String: [Way]] = [:]
    var reads: [String: String] = [:]
    var isDumb = false
    var silent: Set<String> = []
    var onWrite: (@Sendable (String) async -> Void)?
    var onRead: (@Sendable (String) async -> Void)?
  }

  private let state = Mutex(State())

  /// How often each word was written.
  var written: [String: Int] { state.withLock { $0.written } }
  /// The words in the order they were written, as `word@host`.
  var order: [String] { state.withLock { $0.order } }

  /// Says what the next writes of a word do; after them it is written.
  func next(_ word: String, _ ways: Way...) { state.withLock { $0.ways[word, default: []] += ways } }

  /// Nobody can say what became of a write.
  func beDumb(_ isDumb: Bool) { state.withLock { $0.isDumb = isDumb } }

  /// These hosts answer nothing at all.
  func beSilent(_ hosts: String...) { state.withLock { $0.silent = Set(hosts) } }

  /// What a look at something answers.
  func set(_ name: String, _ answer: String) { state.withLock { $0.reads[name] = answer } }
  /// `live` answers whether anything was written yet: plans and runs can tell by it which of them they are.
  func read(_ name: String) -> String {
    state.withLock { $0.reads[name] ?? (name == "live" ? ($0.written.isEmpty ? "no" : "yes") : "nothing") }
  }

  /// Is called before each write.
  func onWrite(_ body: (@Sendable (String) async -> Void)?) { state.withLock { $0.onWrite = body } }

  /// Is called before each answer to an operation that looks.
  func onRead(_ body: (@Sendable (String) async -> Void)?) { state.withLock { $0.onRead = body } }

  var transport: ScriptedTransport {
    ScriptedTransport { request, host throws(TransportError) in try await self.answer(request.line, host.name) }
  }

  private func answer(_ line: String, _ host: String) async throws(TransportError) -> CommandResult {
    let words = line.split(separator: " ").map(String.init)
    if state.withLock({ $0.silent.contains(host) }) {
      throw .unreachable(host: host, reason: "connection refused", hint: nil)
    }
    if words[0] != "mark", let watch = state.withLock({ $0.onRead }) { await watch(line) }
    switch words[0] {
    case "predict": return .ended(0, read("predict \(words[1])"))
    case "probe":
      return state.withLock { state in
        if state.isDumb { return .ended(0, "the host does not remember") }
        return .ended(0, state.tokens.contains("\(host) \(words[2])") ? "done" : "no")
      }
    default: break
    }
    let word = words[1]
    if let watch = state.withLock({ $0.onWrite }) { await watch("\(word)@\(host)") }
    let way = state.withLock { state in
      state.ways[word]?.isEmpty == false ? state.ways[word]?.removeFirst() : nil
    }
    switch way {
    case .fail?: return .ended(1)
    case .unreachable?: throw .unreachable(host: host, reason: "no route", hint: nil)
    case .lostBefore?: throw .lost(host: host, reason: "reset")
    case .bad?, .lostAfter?, .wait?, nil: break
    }
    if way == .wait {
      try? await Task.sleep(for: .seconds(600))
      throw .cancelled(host: host, effectPossible: true)
    }
    let count = state.withLock { state in
      state.written[word, default: 0] += 1
      state.tokens.insert("\(host) \(words[2])")
      state.order.append("\(word)@\(host)")
      return state.written[word, default: 0]
    }
    if way == .lostAfter { throw .lost(host: host, reason: "reset") }
    return .ended(0, way == .bad ? "bad" : "\(count)")
  }
}
