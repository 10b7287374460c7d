import OpshTesting
import PrimitiveKit
import Site
import Synchronization

@testable import Fleet

/// A host that exists in numbers only.
struct ModelHost: Sendable {
  /// How a swap ends here.
  enum Swap: Sendable {
    case good
    /// The new version does not stay up and the old one is back.
    case rollsBack
    /// It says that it swapped, and did not.
    case lies
    /// It says nothing of its bots.
    case silent
    /// Nothing is left running.
    case breaks
  }

  struct Bot: Sendable, Equatable {
    var digest: String
    var state = "running"
    var login = "yes"
  }

  var bots: [String: Bot]
  /// The SHA-256 of the installed script.
  var script: String?
  var swap = Swap.good
  /// It says that it stopped a bot, and did not.
  var isStubborn = false
  /// How long a swap takes.
  var swapTime = Duration.seconds(5)
  /// What is thrown instead of an answer.
  var problem: TransportError?
  /// How often a change is done and its connection lost before the answer.
  var losses = 0
  /// The login of a bot right after its start.
  var loginAfterStart = "yes"
  /// How many looks it takes until a bot that waits is logged in.
  var looksUntilLogin = Int.max
  /// The run ids that came with swaps.
  var runs: [String] = []
  /// The verbs that changed something.
  var verbs: [String] = []
  /// The commands that were run.
  var commands: [String] = []
  /// The newest epoch it obeys.
  var epoch = 0
  /// The ticket of a change at work, as a fence finds it.
  var atWork = ""
  /// The images on it and those it keeps, digits separated by blanks.
  var images = ""
  var kept = ""
  /// What was answered under each ticket: whoever comes with it again is attached and does nothing.
  var answers: [String: String] = [:]
}

/// All model hosts of a fleet.
final class ModelHosts: Sendable {
  private let hosts: Mutex<[String: ModelHost]>

  init(_ site: Site) {
    let old = FleetOfModels.digests["v1"] ?? ""
    let models = site.hosts.map { host in
      (host.name, ModelHost(bots: Dictionary(uniqueKeysWithValues: host.bots.names.map { ($0, .init(digest: old)) })))
    }
    hosts = Mutex(Dictionary(uniqueKeysWithValues: models))
  }

  subscript(name: String) -> ModelHost? { hosts.withLock { $0[name] } }

  func change(_ name: String, _ change: (inout ModelHost) -> Void) {
    hosts.withLock { hosts in
      guard var host = hosts[name] else { return }
      change(&host)
      hosts[name] = host
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
    if request.line.hasPrefix("sha256sum <") {
      return host.script.map { .ended(0, "\($0)  -\n") } ?? .ended(1)
    }
    if words.contains("opsh-install") {
      change(address.name) { $0.script = SHA256(hashing: request.input).hex }
      return .ended()
    }
    guard let start = words.firstIndex(where: { $0 == "--" || $0 == "opsh-host" }), start + 1 < words.count else {
      return .ended(0, "")
    }
    let verb = words[start + 1]
    let options = Words.options(words[(start + 2)...])
    if verb == "--attach" {
      return host.answers[words[start + 2]].map { .ended($0.hasPrefix("error") ? 4 : 0, $0) }
        ?? .ended(2, "error\t-\tcode=host.no_run\tmessage=no run \(words[start + 2]) on this host\n")
    }
    if verb == "latch" { return latch(address.name, options) }
    if verb == "fence" || verb == "kill" { return tell(address.name, verb, options) }
    if request.effect == .reads { return .ended(0, look(address.name, verb, options)) }
    guard let script = host.script else { return .ended(96) }
    guard request.line.contains(script) else { return .ended(97) }
    let command = String(decoding: request.input.prefix(options["bytes"].flatMap { Int($0) } ?? 0), as: UTF8.self)
    return try await work(address.name, verb, options, clock, command)
  }

  private func tell(_ name: String, _ verb: String, _ options: [String: String]) -> CommandResult {
    hosts.withLock { hosts in
      let epoch = Int(options["epoch"] ?? "") ?? 0
      if verb == "kill" {
        hosts[name]?.verbs.append("kill \(options["run"] ?? "")")
        return .ended(0, "result\t-\toutcome=stopped\timage=\tdigest=\tseconds=0.0\n")
      }
      guard let host = hosts[name], epoch >= host.epoch else {
        return .ended(3, "error\t-\tcode=host.stale_epoch\tmessage=an old one\n")
      }
      hosts[name]?.epoch = epoch
      return .ended(0, "host\t-\tepoch=\(epoch)\trun=\(host.atWork)\n")
    }
  }

  private func latch(_ name: String, _ options: [String: String]) -> CommandResult {
    let bots = options["bots", default: ""].split(separator: " ").map(String.init)
    let before = hosts.withLock { hosts in
      let before = bots.map { hosts[name]?.bots[$0]?.state }
      hosts[name]?.verbs.append("latch")
      hosts[name]?.runs.append(options["run"] ?? "")
      for bot in bots where hosts[name]?.isStubborn == false { hosts[name]?.bots[bot]?.state = "down" }
      return before
    }
    var lines = look(name, "inspect", options)
    for (bot, state) in zip(bots, before) {
      lines += "result\t\(bot)\toutcome=\(state == "running" ? "stopped" : "unchanged")\timage=\tdigest=\tseconds=0.1\n"
    }
    return .ended(0, lines)
  }

  private func look(_ name: String, _ verb: String, _ options: [String: String]) -> String {
    hosts.withLock { hosts in
      guard var host = hosts[name] else { return "" }
      defer { hosts[name] = host }
      host.looksUntilLogin -= host.looksUntilLogin == .max ? 0 : 1
      var lines = ["host\t-\tnow=1000"]
      if verb == "facts" {
        return "host\t-\tscript=x\tdisk_free_kb=9\tready=yes\tnow=1000\timages=\(host.images)\tkept=\(host.kept)\n"
      }
      let all = host.bots.keys.sorted().joined(separator: " ")
      for bot in options["bots", default: all].split(separator: " ").map(String.init) {
        guard var model = host.bots[bot] else { continue }
        if model.login == "waiting", host.looksUntilLogin <= 0 { model.login = "yes" }
        host.bots[bot] = model
        let image = FleetOfModels.digests.first { $0.value == model.digest }?.key ?? "other"
        lines.append(
          "bot\t\(bot)\tstate=\(model.state)\timage=\(image)\tdigest=\(model.digest)\tpid=7\tstarted=900"
            + "\tlogin=\(model.state == "running" ? model.login : "unknown")\theartbeat_age=1\tprev=none"
        )
      }
      return lines.joined(separator: "\n") + "\n"
    }
  }

  private func work(
    _ name: String,
    _ verb: String,
    _ options: [String: String],
    _ clock: ManualClock,
    _ command: String
  ) async throws(TransportError) -> CommandResult {
    let ticket = options["run"] ?? ""
    let host = hosts.withLock { hosts in
      if hosts[name]?.answers[ticket] == nil { hosts[name]?.verbs.append(verb) }
      hosts[name]?.runs.append(ticket)
      return hosts[name]
    }
    guard let host else { return .ended(1) }
    do {
      try await clock.sleep(for: host.swapTime)
    } catch {
      throw .cancelled(host: name, effectPossible: true)
    }
    let output = hosts.withLock { hosts in
      guard var host = hosts[name] else { return "" }
      defer { hosts[name] = host }
      if let answer = host.answers[ticket] { return answer }
      if verb == "exec" { host.commands.append(command) }
      let answer = verb == "exec" ? host.execAnswer(ticket, command) : host.change(verb, options)
      if !ticket.isEmpty { host.answers[ticket] = answer }
      return answer
    }
    if host.losses > 0 {
      change(name) { $0.losses -= 1 }
      throw .lost(host: name, reason: "reset by peer")
    }
    let isGood = !output.contains("outcome=failed") && !output.contains("outcome=rolled_back")
    return .ended(isGood ? 0 : 1, output)
  }
}

extension ModelHost {
  /// A command prints itself.
  func execAnswer(_ ticket: String, _ command: String) -> String {
    "exec\t\(ticket)\tstatus=0\tout=\(command.utf8.count)\terr=0\tdropped=0\tseconds=0.1\tkept=yes\n\(command)"
  }

  /// Does what a verb asks and says it.
  mutating func change(_ verb: String, _ options: [String: String]) -> String {
    let digest = options["digest"] ?? ""
    var lines: [String] = []
    for bot in options["bots", default: ""].split(separator: " ").map(String.init) {
      var outcome = "swapped"
      var detail = ""
      let old = verb == "swap" ? bots[bot]?.digest : nil
      switch (verb, swap) {
      case ("stop", _) where bots[bot]?.state == "down", ("start", _) where bots[bot]?.state == "running":
        outcome = "unchanged"
      case ("stop", _):
        if !isStubborn { bots[bot]?.state = "down" }
        outcome = "stopped"
      case ("start", _), ("restart", _):
        bots[bot]?.state = "running"
        outcome = "started"
      case (_, .good):
        if bots[bot] == Bot(digest: digest) {
          outcome = "unchanged"
        } else {
          bots[bot] = Bot(digest: digest, login: loginAfterStart)
        }
      case (_, .rollsBack): (outcome, detail) = ("rolled_back", "\tdetail=ended with status 1")
      case (_, .breaks):
        bots[bot]?.state = "down"
        (outcome, detail) = ("down", "\tdetail=nothing runs")
      case (_, .lies): break
      case (_, .silent): continue
      }
      let from = old.map { "\tfrom=\($0)" } ?? ""
      lines.append("result\t\(bot)\toutcome=\(outcome)\timage=v2\tdigest=\(digest)\tseconds=1.0\(from)\(detail)")
    }
    return lines.joined(separator: "\n") + "\n"
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

  static func options(_ words: ArraySlice<String>) -> [String: String] {
    var options: [String: String] = [:]
    var words = words
    while let name = words.popFirst(), let value = words.popFirst() { options[String(name.dropFirst(2))] = value }
    return options
  }
}
