import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Site
import Synchronization

@testable import Fleet

/// All model hosts of a fleet.
final class ModelHosts: Sendable {
  private let hosts: Mutex<[String: ModelHost]>
  /// What this machine cannot send, by the host as it stands and the line; nil for nothing.
  private let fault = Mutex<(@Sendable (ModelHost, String) -> Bool)?>(nil)

  init(_ site: Site) {
    let old = FleetOfModels.digests["v1"] ?? ""
    let names = Dictionary(uniqueKeysWithValues: FleetOfModels.digests.map { ($0.value, $0.key) })
    let models = site.hosts.map { host in
      let bots = host.bots.names.map { ($0, ModelHost.Bot(digest: old)) }
      return (host.name, ModelHost(bots: Dictionary(uniqueKeysWithValues: bots), names: names))
    }
    hosts = Mutex(Dictionary(uniqueKeysWithValues: models))
  }

  /// Keeps this machine from sending these lines to hosts that stand like this; nil mends it.
  func failLocally(_ fault: (@Sendable (ModelHost, String) -> Bool)?) { self.fault.withLock { $0 = fault } }

  subscript(name: String) -> ModelHost? { hosts.withLock { $0[name] } }

  @discardableResult
  func change<Answer>(_ name: String, _ change: (inout ModelHost) -> Answer) -> Answer? {
    hosts.withLock { hosts in
      guard var host = hosts[name] else { return nil }
      defer { hosts[name] = host }
      return change(&host)
    }
  }

  func answer(
    _ request: CommandRequest,
    _ address: HostAddress,
    _ clock: ManualClock
  ) async throws(TransportError) -> CommandResult {
    let words = Words.split(request.line)
    guard let host = self[address.name] else {
      throw .unreachable(host: address.name, reason: "no such model", hint: nil)
    }
    if let problem = host.problem { throw problem }
    if let fault = fault.withLock({ $0 }), fault(host, request.line) {
      throw .local(host: address.name, reason: "the SSH agent does not answer", hint: "run `ssh-add -l`")
    }
    if request.line.hasPrefix("sha256sum <") {
      return host.script.map { .ended(0, "\($0)  -\n") } ?? .ended(1)
    }
    if let start = words.firstIndex(of: "opsh-install") {
      let fenced = change(address.name) { $0.answer(["epoch"] + words[(start + 1)...]) } ?? .ended(1)
      guard fenced.status == 0 else { return fenced }
      change(address.name) { $0.script = SHA256(hashing: request.input).hex }
      return .ended()
    }
    guard let start = words.firstIndex(where: { $0 == "--" || $0 == "opsh-host" }), start + 1 < words.count else {
      return .ended(0, "")
    }
    let arguments = Array(words[(start + 1)...])
    // What is sent along needs nothing installed.
    if words[start] == "--" {
      return change(address.name) { host in
        // The file of a put went another way.
        if let from = arguments.firstIndex(of: "--from") { host.files[arguments[from + 1]] = "sent" }
        if request.effect != .reads, arguments[0] == "kill" { host.verbs.append("kill \(arguments[2])") }
        if arguments[0] == "latch" {
          host.verbs.append("latch")
          host.runs += arguments.firstIndex(of: "--run").map { [arguments[$0 + 1]] } ?? []
        }
        return host.answer(arguments)
      } ?? .ended(1)
    }
    guard let script = host.script else { return .ended(96) }
    guard request.line.contains(script) else { return .ended(97) }
    return try await work(address.name, arguments, request.input, clock)
  }

  private func work(
    _ name: String,
    _ arguments: [String],
    _ input: [UInt8],
    _ clock: ManualClock
  ) async throws(TransportError) -> CommandResult {
    let run = arguments.firstIndex(of: "--run").map { arguments[$0 + 1] } ?? ""
    let time = change(name) { host in
      if host.answers[run] == nil { host.verbs.append(arguments[0]) }
      host.runs.append(run)
      return host.swapTime
    }
    do {
      try await clock.sleep(for: time ?? .zero)
    } catch {
      change(name) { host in
        if host.endsAlone { _ = host.answer(arguments, input: input) }
      }
      throw .cancelled(host: name, effectPossible: true)
    }
    let (answer, isLost) =
      change(name) { host in
        let isLost = host.losses > 0
        if isLost { host.losses -= 1 }
        return (host.answer(arguments, input: input), isLost)
      } ?? (.ended(1), false)
    if isLost { throw .lost(host: name, reason: "reset by peer") }
    return answer
  }
}

/// Words of a command line that ShellQuote wrote.
enum Words {
  static func split(_ line: String) -> [String] {
    var words: [String] = []
    var word: String?
    var isQuoted = false
    var rest = line[...]
    while let character = rest.popFirst() {
      switch character {
      case "'": (isQuoted, word) = (!isQuoted, word ?? "")
      case "\\" where !isQuoted: word = (word ?? "") + String(rest.popFirst() ?? " ")
      case " " where !isQuoted:
        if let found = word { words.append(found) }
        word = nil
      default: word = (word ?? "") + String(character)
      }
    }
    return words + (word.map { [$0] } ?? [])
  }
}
