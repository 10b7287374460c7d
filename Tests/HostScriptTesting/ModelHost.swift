package import PrimitiveKit

/// A host that exists in numbers only and answers as the host script does.
///
/// `HostContractTests` holds it against the script itself, so what tests conclude from it is true of hosts.
package struct ModelHost: Sendable {
  /// How a swap ends here.
  package enum Swap: Sendable {
    case good
    /// The new version does not stay up and the old one is back.
    case rollsBack
    /// It says that it swapped, and did not.
    case lies
    /// It swaps, and somebody stops the bot before anybody looks again.
    case stoppedSince
    /// It says nothing of its bots.
    case silent
    /// Nothing is left running.
    case breaks
  }

  package struct Bot: Sendable, Equatable {
    package var digest: String
    package var state: String
    package var login: String
    package var log: [String] = []
    /// The bots that are stopped with it, blanks between them.
    package var drags = ""

    package init(digest: String, state: String = "running", login: String = "yes") {
      self.digest = digest
      self.state = state
      self.login = login
    }
  }

  /// A stop mark: who set it and why.
  package struct Mark: Sendable, Equatable {
    package var mode: String
    package var who: String
    package var reason: String

    package init(mode: String, who: String = "alice", reason: String = "wrong prices") {
      (self.mode, self.who, self.reason) = (mode, who, reason)
    }

    var isLatch: Bool { mode != "stop" }
    /// The mark in one word.
    var id: String { SHA256(hashing: "\(mode) \(who) \(reason)".utf8).hex }
    var words: String {
      let verb = mode == "close_only" ? "latched" : "stopped"
      return "\(verb) by \(who): \(reason)" + (isLatch ? " (\(mode), until it is lifted)" : "")
    }
    var refusal: String { "has a latch (\(mode), set by \(who): \(reason)); lift it first" }
  }

  /// What becomes of a stop mark on a full disk.
  package enum MarkFault: String, Sendable {
    /// It is an empty file, which is one of mode `stop`.
    case bare
    /// There is none.
    case failed
  }

  package var bots: [String: Bot]
  /// The stop marks on it, by bot; what comes later clears those of mode `stop`.
  package var marks: [String: Mark] = [:]
  /// The names of images by their digests.
  package var names: [String: String]
  /// The SHA-256 of the installed script.
  package var script: String?
  package var swap = Swap.good
  /// What keeps it from writing stop marks.
  package var markFault: MarkFault?
  /// It says that it stopped a bot, and did not.
  package var isStubborn = false
  /// It says that it cannot end a bot, and does not.
  package var isUnkillable = false
  /// The codes of the errors with which verbs end instead of doing anything.
  package var faults: [String: String] = [:]
  /// The bots it says nothing of, as no host should.
  package var unspoken: Set<String> = []
  /// A change whose caller goes away comes to its end all the same.
  package var endsAlone = false
  /// How long a swap takes.
  package var swapTime = Duration.seconds(5)
  /// What is thrown instead of an answer.
  package var problem: TransportError?
  /// How often a change is done and its connection lost before the answer.
  package var losses = 0
  /// The login of a bot right after its start.
  package var loginAfterStart = "yes"
  /// What bots write to their logs right after a start, by bot.
  package var logAfterStart: [String: [String]] = [:]
  /// How many looks it takes until a bot that waits is logged in.
  package var looksUntilLogin = Int.max
  /// The run ids that came with swaps.
  package var runs: [String] = []
  /// The verbs that changed something.
  package var verbs: [String] = []
  /// The commands that were run.
  package var commands: [String] = []
  /// The newest epoch it obeys, as it was given.
  package var epoch = 0
  /// The id of the journal that granted it.
  package var journal = ""
  /// Its clock, in seconds since 1970.
  package var now = 1000
  /// The ticket of a change at work, as a fence finds it.
  package var atWork = ""
  /// The images on it and those it keeps, digits separated by blanks.
  package var images = ""
  package var kept = ""
  /// The files that were sent, by path.
  package var files: [String: String] = [:]
  /// Their permission bits in octal, where they are not 644.
  package var bits: [String: String] = [:]
  /// What was answered under each ticket: whoever comes with it again is attached and does nothing.
  package var answers: [String: String] = [:]
  /// What was asked under each ticket, without the lease.
  var asked: [String: String] = [:]

  package init(bots: [String: Bot] = [:], names: [String: String] = [:]) {
    self.bots = bots
    self.names = names
  }

  /// What the script answers to these arguments and this input.
  package mutating func answer(_ arguments: [String], input: [UInt8] = []) -> CommandResult {
    if arguments.first == "--attach" { return attached(arguments.count > 1 ? arguments[1] : "") }
    let call: ModelCall
    do {
      call = try ModelCall(arguments)
    } catch {
      return ModelHost.error(2, "host.usage", error.message)
    }
    if let code = faults[call.verb] { return ModelHost.error(1, code, "it did not do it") }
    switch call.verb {
    case "facts", "inspect", "list", "logs": return look(call)
    case "epoch", "fence": return fence(call)
    case "kill": return kill(call)
    case "latch": return call["lift"] == "yes" ? lift(call) : call["mode"].isEmpty ? marks(call) : latch(call)
    case "look": return lookAt(call["to"])
    case "place": return place(call)
    case "forget":
      answers[call.run] = answers[call.run].map(ModelHost.forgotten)
      return ModelHost.ended("result\t-\toutcome=forgotten\timage=\tdigest=\tseconds=0.0\n")
    default: return change(call, input)
    }
  }

  private func attached(_ ticket: String) -> CommandResult {
    guard let answer = answers[ticket] else {
      return ModelHost.error(2, "host.no_run", "no run \(ticket) on this host")
    }
    return ModelHost.ended(answer)
  }

  /// A change, which happens once under its ticket, alone, and only with the newest lease.
  private mutating func change(_ call: ModelCall, _ input: [UInt8]) -> CommandResult {
    let isPrivate = !call["private"].isEmpty
    let sent = isPrivate ? ModelHost.privateInput(input) : nil
    if call.verb == "exec", sent?.sha256 ?? call["sha256"] != SHA256(hashing: sent?.content ?? input).hex {
      return ModelHost.error(4, "host.input_cut", "the command arrived incomplete; nothing was run")
    }
    if let known = asked[call.run], known != call.identity {
      return ModelHost.error(2, "host.run_differs", "run \(call.run) was started as \"\(known)\"")
    }
    if let answer = answers[call.run] { return ModelHost.ended(answer) }
    if let refusal = locked(call.run) ?? refusal(of: call, raising: true) { return refusal }
    let answer: String
    if let sent {
      answer = exec(call, line: sent.line, variables: sent.variables, sent.input)
    } else {
      let size = Int(call["bytes"]) ?? 0
      let line = String(decoding: input.prefix(size), as: UTF8.self)
      answer = call.verb == "exec" ? exec(call, line: line, Array(input.dropFirst(size))) : changed(call)
    }
    if !call.run.isEmpty {
      answers[call.run] = answer
      asked[call.run] = call.identity
    }
    return ModelHost.ended(answer)
  }

  func locked(_ run: String) -> CommandResult? {
    guard !atWork.isEmpty, atWork != run else { return nil }
    return ModelHost.error(3, "host.locked", "run \(atWork) (exec, process 7) is changing this host")
  }

  private mutating func kill(_ call: ModelCall) -> CommandResult {
    let isAtWork = call.covers(atWork)
    guard isAtWork || answers.keys.contains(where: call.covers) else {
      return ModelHost.error(2, "host.no_run", "no command of run \(call.run) on this host")
    }
    if isAtWork { atWork = "" }
    return ModelHost.ended(
      "result\t-\toutcome=\(isAtWork ? "stopped" : "unchanged")\timage=\tdigest=\tseconds=0.0\n"
    )
  }

  private mutating func place(_ call: ModelCall) -> CommandResult {
    let sent = files.removeValue(forKey: call["from"])
    if let refusal = locked(call.run) ?? refusal(of: call, raising: true) { return refusal }
    guard let sent else { return ModelHost.error(4, "host.place_failed", "\(call["from"]) is not there") }
    files[call["to"]] = sent
    if !call["bits"].isEmpty { bits[call["to"]] = call["bits"] }
    return ModelHost.ended("result\t-\toutcome=placed\timage=\tdigest=\tseconds=0.0\n")
  }

  private func lookAt(_ path: String) -> CommandResult {
    var line =
      "host\t-\tkind=none\tpath=\(path.contains("/") ? path : "./\(path)")\tmode=\towner=\tgroup=\tlinks=\tbytes=\t"
    line += "sha256=\tmore="
    if let content = files[path] {
      let filled = [
        ("kind=none", "kind=file"), ("mode=", "mode=\(bits[path] ?? "644")"), ("owner=", "owner=0"),
        ("group=", "group=0"),
        ("links=", "links=1"), ("bytes=", "bytes=\(content.utf8.count)"),
        ("sha256=", "sha256=\(SHA256(hashing: content.utf8).hex)"),
      ]
      for (empty, full) in filled { line = line.replacing("\t\(empty)\t", with: "\t\(full)\t") }
    }
    return ModelHost.ended("\(line)\n")
  }

  static func error(_ status: Int, _ code: String, _ message: String) -> CommandResult {
    CommandResult(status: status, output: Array("error\t-\tcode=\(code)\tmessage=\(message)\n".utf8), errorOutput: [])
  }

  static func ended(_ output: String) -> CommandResult {
    let isBad = ["outcome=failed", "outcome=rolled_back", "outcome=down"].contains { output.contains($0) }
    let status = output.hasPrefix("error") ? 4 : isBad ? 1 : 0
    return CommandResult(status: status, output: Array(output.utf8), errorOutput: [])
  }
}
