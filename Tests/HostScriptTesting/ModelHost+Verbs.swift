import PrimitiveKit

extension ModelHost {
  /// What the verbs that only look say.
  mutating func look(_ call: ModelCall) -> CommandResult {
    let all = bots.keys.sorted()
    switch call.verb {
    case "facts":
      let epoch = ModelHost.scaled(epoch)
      return ModelHost.ended(
        "host\t-\tscript=\(script ?? "x")\tdisk_free_kb=9\tready=yes\tnow=\(now)\tepoch=\(epoch)\tjournal=\(journal)"
          + "\timages=\(images)\tkept=\(kept)\n"
      )
    case "logs" where !call["after"].isEmpty: return logs(call)
    case "logs":
      let lines = call.bots.flatMap { bot in
        (bots[bot]?.log.suffix(Int(call["lines"]) ?? 100) ?? []).map { "log\t\(bot)\tline=\($0)\n" }
      }
      return ModelHost.ended(lines.joined())
    case "list": return ModelHost.ended(all.map { botLine($0) }.joined())
    default:
      looksUntilLogin -= looksUntilLogin == .max ? 0 : 1
      for bot in all where bots[bot]?.login == "waiting" && looksUntilLogin <= 0 { bots[bot]?.login = "yes" }
      let named = (call.bots.isEmpty ? all : call.bots).filter { !unspoken.contains($0) }
      return ModelHost.ended("host\t-\tnow=\(now)\n" + named.map { botLine($0) }.joined())
    }
  }

  /// The place where each log ends, counted in lines, and the lines after a place that hold a text.
  private func logs(_ call: ModelCall) -> CommandResult {
    let from = call["after"].split(separator: ".").last.flatMap { Int($0) }
    let lines = call.bots.flatMap { bot -> [String] in
      let log = bots[bot]?.log ?? []
      let found = from.map { log.dropFirst($0).filter { $0.contains(call["find"]) } } ?? []
      return ["log\t\(bot)\tplace=1.\(log.count)\n"] + found.map { "log\t\(bot)\tline=\($0)\n" }
    }
    return ModelHost.ended(lines.joined())
  }

  private func botLine(_ name: String) -> String {
    let mark = marks[name].map { "\tmark=\($0.mode)\tmark_by=\($0.words)" } ?? ""
    guard let bot = bots[name] else {
      return "bot\t\(name)\tstate=down\timage=\tdigest=\tpid=\tstarted=\tlogin=unknown\theartbeat_age=\tprev=none"
        + mark + "\tdetail=is not on this host\n"
    }
    let isRunning = bot.state == "running"
    return "bot\t\(name)\tstate=\(bot.state)\timage=\(imageName(bot.digest))\tdigest=\(bot.digest)"
      + "\tpid=\(isRunning ? "7" : "")\tstarted=\(isRunning ? "900" : "")\tlogin=\(isRunning ? bot.login : "unknown")"
      + "\theartbeat_age=\(isRunning ? "1" : "")\tprev=none\(mark)"
      + (isRunning && !bot.drags.isEmpty ? "\tdrags=\(bot.drags)\n" : "\n")
  }

  private func imageName(_ digest: String) -> String { names[digest] ?? (digest.isEmpty ? "" : "other") }

  /// `cat` prints its input, `env` what sets its variables; any other command prints itself.
  mutating func exec(_ call: ModelCall, line: String, variables: String = "", _ input: [UInt8]) -> String {
    commands.append(line)
    let output = line == "cat" ? String(decoding: input, as: UTF8.self) : line == "env" ? variables : line
    return "exec\t\(call.run)\tstatus=0\tout=\(output.utf8.count)\terr=0\tdropped=0\tseconds=0.1\tkept=yes\n\(output)"
  }

  /// What `exec --private` is sent: a line with the digest and two sizes, the command, its variables, its input.
  struct PrivateInput {
    let sha256: String
    let content: [UInt8]
    let line: String
    let variables: String
    let input: [UInt8]
  }

  static func privateInput(_ bytes: [UInt8]) -> PrivateInput? {
    let parts = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
    let words = String(decoding: parts.first ?? [], as: UTF8.self).split(separator: " ").map(String.init)
    guard parts.count == 2, words.count == 3, let size = Int(words[1]), let more = Int(words[2]) else { return nil }
    let content = Array(parts[1])
    return PrivateInput(
      sha256: words[0],
      content: content,
      line: String(decoding: content.prefix(size), as: UTF8.self),
      variables: String(decoding: content.dropFirst(size).prefix(more), as: UTF8.self),
      input: Array(content.dropFirst(size + more))
    )
  }

  /// An answer of which only how it ended is kept.
  static func forgotten(_ answer: String) -> String {
    let line = answer.split(separator: "\n").first.map(String.init) ?? ""
    let words = line.split(separator: "\t").map { word in
      word.hasPrefix("out=") ? "out=0" : word == "kept=yes" ? "kept=no" : String(word)
    }
    return words.joined(separator: "\t") + "\n"
  }

  /// Does what a verb asks and says it.
  mutating func changed(_ call: ModelCall) -> String {
    if call.verb == "pull" {
      let isThere = keepImage(call.digest, call["image"])
      return
        "result\t-\toutcome=\(isThere ? "present" : "pulled")\timage=\(call["image"])\tdigest=\(call.digest)\tseconds=1.0\n"
    }
    if call.verb == "swap" { _ = keepImage(call.digest, call["image"]) }
    return call.bots.map { call.verb == "swap" ? swapped($0, call) : controlled($0, call.verb) }.joined()
  }

  /// Whether the image was there already.
  private mutating func keepImage(_ digest: String, _ name: String) -> Bool {
    let hex = String(digest.dropFirst("sha256:".count))
    names[digest] = names[digest] ?? name
    if images.split(separator: " ").contains(Substring(hex)) { return true }
    images += (images.isEmpty ? "" : " ") + hex
    return false
  }

  /// The answer of a latch to a change that may start the bot; a mark of mode `stop` is cleared by it.
  private mutating func refused(_ name: String) -> String? {
    guard let mark = marks[name] else { return nil }
    if mark.isLatch { return result(name, "refused", detail: mark.refusal) }
    marks[name] = nil
    return nil
  }

  private mutating func controlled(_ name: String, _ verb: String) -> String {
    if swap == .silent { return "" }
    if verb != "stop", let refused = refused(name) { return refused }
    guard let state = bots[name]?.state else {
      return result(name, "failed", detail: "no bot \(name) on this host")
    }
    switch (verb, state) {
    case ("stop", "down"), ("start", "running"): return result(name, "unchanged")
    case ("stop", _) where isUnkillable, ("restart", "running") where isUnkillable:
      return result(name, "failed", detail: "\(name): process 7 or one of its group survived SIGKILL")
    case ("stop", _):
      if !isStubborn { bots[name]?.state = "down" }
      return result(name, "stopped")
    default:
      bots[name]?.state = "running"
      bots[name]?.log += logAfterStart[name] ?? []
      return result(name, verb == "start" ? "started" : "restarted")
    }
  }

  private mutating func swapped(_ name: String, _ call: ModelCall) -> String {
    let old = bots[name]
    let isThere = old?.digest == call.digest && old?.state == "running"
    if marks[name]?.mode == "close_only", isThere { return result(name, "unchanged") }
    if let refused = refused(name) { return refused }
    switch swap {
    case .good:
      if isThere { return result(name, "unchanged") }
      if call.bots(found: "as-found").contains(name), old?.state != "running" {
        if old?.digest == call.digest { return result(name, "unchanged", isStill: true) }
        bots[name] = Bot(digest: call.digest, state: "down")
        return result(name, "swapped", from: old?.digest, isStill: true)
      }
      bots[name] = Bot(digest: call.digest, login: loginAfterStart)
      let hex = [call.digest] + (old.map { [$0.digest] } ?? [])
      if old != nil { kept = hex.map { String($0.dropFirst("sha256:".count)) }.joined(separator: " ") }
      return result(name, "swapped", from: old?.digest)
    case .rollsBack: return result(name, "rolled_back", from: old?.digest, detail: "ended with status 1")
    case .breaks:
      bots[name]?.state = "down"
      return result(name, "down", from: old?.digest, detail: "nothing runs")
    case .lies: return result(name, "swapped", digest: call.digest, from: old?.digest)
    case .stoppedSince:
      bots[name] = Bot(digest: call.digest, state: "down")
      marks[name] = Mark(mode: "stop")
      return result(name, "swapped", digest: call.digest, from: old?.digest)
    case .silent: return ""
    }
  }

  private func result(
    _ name: String,
    _ outcome: String,
    digest: String? = nil,
    from: String? = nil,
    detail: String? = nil,
    isStill: Bool = false
  ) -> String {
    let digest = digest ?? bots[name]?.digest ?? ""
    return "result\t\(name)\toutcome=\(outcome)\timage=\(imageName(digest))\tdigest=\(digest)\tseconds=1.0"
      + (from.map { "\tfrom=\($0)" } ?? "") + (isStill ? "\tstill=yes" : "") + (detail.map { "\tdetail=\($0)" } ?? "")
      + "\n"
  }
}
