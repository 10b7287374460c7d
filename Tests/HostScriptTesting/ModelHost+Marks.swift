import PrimitiveKit

extension ModelHost {
  private static let strength = ["stop": 0, "close_only": 1, "halt_all": 2]

  /// The stop lane: no lock, no epoch, and every bot is looked at afterwards.
  mutating func latch(_ call: ModelCall) -> CommandResult {
    let before = call.bots.map { bots[$0]?.state }
    let said = call.bots.map { mark($0, call) }
    if !isStubborn, call["mode"] != "close_only" { for bot in call.bots { bots[bot]?.state = "down" } }
    var lines = String(decoding: look(call).output, as: UTF8.self)
    for ((bot, state), mark) in zip(zip(call.bots, before), said) {
      let isLost = call["mode"] != "stop" && ["bare", "failed"].contains(mark)
      let isStopped = state == "running" && call["mode"] != "close_only"
      let outcome = isLost ? "failed" : isStopped ? "stopped" : "unchanged"
      let detail = ["bare", "failed"].contains(mark) ? "\tdetail=its mark is \(mark)" : ""
      lines += "result\t\(bot)\toutcome=\(outcome)\timage=\tdigest=\tseconds=0.1\tmark=\(mark)\(detail)\n"
    }
    return ModelHost.ended(lines)
  }

  /// Marks a bot; answers what became of the mark.
  private mutating func mark(_ bot: String, _ call: ModelCall) -> String {
    let old = marks[bot].flatMap { ModelHost.strength[$0.mode] } ?? -1
    let new = ModelHost.strength[call["mode"]] ?? 0
    if old > new { return "kept" }
    switch markFault {
    case nil:
      let who = call["who"].isEmpty ? "unknown" : call["who"]
      let reason = call["reason"].isEmpty ? "by hand" : call["reason"]
      marks[bot] = Mark(mode: call["mode"], who: who, reason: reason)
      return "written"
    // A latch that is there is not replaced by less.
    case .some where old > 0: return old == new ? "kept" : "failed"
    case .bare:
      marks[bot] = Mark(mode: "stop", who: "unknown", reason: "no reason given")
      return "bare"
    case .failed: return "failed"
    }
  }

  /// Shows marks.
  func marks(_ call: ModelCall) -> CommandResult {
    let bots = call.bots.isEmpty ? marks.keys.sorted() : call.bots
    let lines = bots.compactMap { bot in
      marks[bot].map {
        "mark\t\(bot)\tmode=\($0.mode)\tat=\(now)\twho=\($0.who)\trun=\treason=\($0.reason)\tid=\($0.id)\n"
      }
    }
    return ModelHost.ended(lines.joined())
  }

  /// Takes marks away: with the newest lease where one is given, and those that were seen where they are named.
  mutating func lift(_ call: ModelCall) -> CommandResult {
    if let refusal = refusal(of: call, raising: true) { return refusal }
    let seen = call["seen"].split(separator: " ").map(String.init)
    var lines = ""
    for bot in call.bots {
      var outcome = "unchanged"
      if let mark = marks[bot] {
        let isSeen = seen.isEmpty || seen.contains("\(bot)=\(mark.id)")
        outcome = isSeen ? "lifted" : "refused"
        if isSeen { marks[bot] = nil }
      }
      lines += "result\t\(bot)\toutcome=\(outcome)\timage=\tdigest=\tseconds=0.0\n"
    }
    let status = lines.contains("outcome=refused") ? 1 : 0
    return CommandResult(status: status, output: Array(lines.utf8), errorOutput: [])
  }
}
