import Foundations
package import PrimitiveKit
import Site

/// A command as scripts give it: a shell line, or a list of words that opsh quotes.
package struct HostCommand: ValueConvertible, Sendable, Equatable {
  /// For `sh`, quoted.
  package let line: String

  package static var luaType: String { "string|string[]" }

  package init(_ value: Value) throws(ConversionError) {
    switch value {
    case .string(let line) where line.utf8.contains(0):
      throw ConversionError(expected: "a command without a NUL byte, which no shell accepts", found: value)
    case .string(let line) where !line.isEmpty: self.line = line
    case .array(let words) where !words.isEmpty:
      var arguments: [String] = []
      for word in words {
        switch word {
        case .string(let text) where !text.utf8.contains(0): arguments.append(text)
        case .int(let number): arguments.append("\(number)")
        default: throw ConversionError(expected: "a list of strings", found: word)
        }
      }
      line = ShellQuote.line(arguments)
    default: throw ConversionError(expected: #"a command such as "uptime" or { "ls", "-l" }"#, found: value)
    }
  }

  package var value: Value { .string(line) }
}

/// A command on hosts, as a primitive was asked for it.
struct CommandCall: Sendable {
  let primitive: String
  let selector: String
  let command: HostCommand
  var input: PrivateText = ""
  var variables = CommandVariables()
  let timeout: Duration
  var effect = Effect.changes
  /// Whether a failure on a host raises; nil leaves it to who calls.
  var check: Bool?
  var dry = false

  /// Throws `command.too_long` for a line that cannot be sent, wherever it goes.
  func checkLength() throws(CallFailure) {
    let limit = effect == .reads ? CommandLimit.sent : CommandLimit.argument
    let length = command.line.utf8.count
    guard length > limit else { return }
    throw CallFailure(
      .invalid,
      .local,
      code: "command.too_long",
      message: "\(primitive): \(CommandLimit.words(length, limit))",
      hint: CommandLimit.hint
    )
  }

  /// Throws where a secret is to be used by what only reads: a change alone opens one.
  func checkSecrets() throws(CallFailure) {
    guard effect == .reads else { return }
    let isSecret = if case .secret = input { true } else { false }
    guard isSecret || !variables.texts.isEmpty else { return }
    throw CallFailure(
      .invalid,
      code: "call.argument",
      message: isSecret
        ? "\(primitive): a secret is handed to a change alone, and this call only reads"
        : "\(primitive): 'env' is for a change alone, and this call only reads",
      hint: "leave out 'safe'"
    )
  }

  /// What a journal holds of the call: of its input and variables the names of secrets, and how much else there was.
  var recorded: [String: Value] {
    var arguments: [String: Value] = [
      "on": selector.value, "cmd": command.value, "timeout": .number(timeout.seconds),
    ]
    switch input {
    case .secret(let secret): arguments["input"] = secret.value
    case .bytes(let bytes) where !bytes.isEmpty: arguments["input_bytes"] = .int(bytes.count)
    case .bytes: break
    }
    if !variables.texts.isEmpty { arguments["env"] = variables.recorded }
    return arguments
  }

  /// Whether a word is the mark of a query and not the id of a run.
  static func isMark(_ word: String) -> Bool { word.hasPrefix(markPrefix) }

  /// How the mark of a query begins; ids of runs begin with a date.
  static let markPrefix = "query-"
}

extension Fleet {
  /// Runs a command everywhere at once, shows the grouped output, and answers one report a host.
  func command(_ call: CommandCall) async throws(CallFailure) -> [CommandReport] {
    let (primitive, command, effect, check) = (call.primitive, call.command, call.effect, call.check)
    let site = try requireSite(for: primitive)
    try call.checkLength()
    try call.checkSecrets()
    let hosts: [Host]
    do {
      hosts = try Selection.hosts(call.selector, in: site)
    } catch {
      throw CallFailure(anyError: error)
    }
    if effect == .reads {
      let mark = CommandCall.markPrefix + String(world.drawSeed(), radix: 36)
      let reports = try await show(hosts, command) { host throws(CallFailure) in
        try await self.look(host, call, mark)
      }
      try settle(primitive, reports, effect, check)
      return reports
    }
    // Looked at once: where one is missing nothing begins.
    let input = call.input.isEmpty ? nil : try await call.input.sealed(in: world)
    let variables = try await call.variables.sealed(in: world)
    return try await inRun(of: primitive, call.recorded, hosts: hosts, dry: call.dry) { run throws(CallFailure) in
      if input != nil || !variables.isEmpty { try await run.keepDigestKey() }
      let ending = FatalFailure()
      let reports = try await self.show(hosts, command) { host throws(CallFailure) in
        do throws(CallFailure) {
          return try await self.execute(command, input, variables, call.timeout, on: host, in: run)
        } catch {
          await ending.note(error, in: run)
          throw error
        }
      }
      try ending.check()
      if run.world.mode == .live { try self.settle(primitive, reports, effect, check) }
      return reports
    }
  }

  /// What Lua gets of a command: its reports, or a value that a dry run cannot know.
  func answer(_ call: CommandCall) async throws(CallFailure) -> CommandAnswer {
    if call.effect == .reads {
      let hosts = try selectHosts(
        HostSelector(stringLiteral: call.selector),
        in: try requireSite(for: call.primitive)
      )
      if let unknown = await unseen(call.primitive, hosts) { return CommandAnswer(value: .unknown(unknown)) }
    }
    let reports = try await self.command(call)
    // Where only this call is dry, its script is not traced for decisions on unknown values.
    let isUnknown = call.effect != .reads && (isDry() || CallContext.current.run?.world.mode == .dry)
    let answer = isUnknown ? CommandAnswer.unknown(of: call.primitive) : CommandAnswer(value: reports.value)
    dialogue.shown(answer.value)
    return answer
  }

  /// Does something on every host at once and shows the grouped output.
  private func show(
    _ hosts: [Host],
    _ command: HostCommand,
    _ work: @escaping @Sendable (Host) async throws(CallFailure) -> CommandReport
  ) async throws(CallFailure) -> [CommandReport] {
    dialogue.progress(
      ProgressStatus(
        line: "\(hosts.count.counted("host")): \(SafeText.line(Array(command.line.utf8)[...]))",
        plain: "running on \(hosts.count.counted("host"))"
      )
    )
    let reports = await hosts.concurrentMap(limit: fanOut) { host in
      if Task.isCancelled { return CommandReport(host: host.name, state: "not run", detail: "cancelled") }
      let elapsed = self.world.clock.stopwatch()
      do throws(CallFailure) {
        return try await work(host)
      } catch {
        var report = CommandReport(host: host.name, error)
        if report.state == "timed out" || report.state == "unknown" { report.seconds = elapsed().seconds }
        return report
      }
    }
    dialogue.progress(nil)
    show(reports)
    if Task.isCancelled { throw .cancelled }
    return reports
  }

  /// Shows what hosts answered, equal answers once.
  func show(_ reports: [CommandReport]) {
    let isOneSilent = reports.count { $0.state == "unreachable" || $0.state == "unknown" } == 1
    let outputs = reports.map { report in
      report.grouped(without: isOneSilent ? nil : site?.host(named: report.host)?.hostAddress)
    }
    dialogue.say(OutputReport().lines(for: outputs).joined(separator: "\n"))
    var hints: [String] = []
    for hint in reports.compactMap(\.hint) where !hints.contains(hint) { hints.append(hint) }
    for hint in hints.prefix(Fleet.hintsShown) { dialogue.say("hint: \(hint)") }
    for report in reports { dialogue.event(SessionEvent("fleet.output", report.value.fields)) }
  }

  /// A command that only looks; what it starts carries the mark.
  private func look(_ host: Host, _ call: CommandCall, _ mark: String) async throws(CallFailure) -> CommandReport {
    var request = CommandRequest(line: call.command.line, timeout: call.timeout, effect: .reads)
    if case .bytes(let input) = call.input { request.input = input }
    request.mark = mark
    // Nobody sees the hint of a look that checks and hooks make.
    request.endsThere = CallContext.current.isQuiet
    let remedy =
      "`fleet.abort{ on = \(Value.string(call.selector).literal), run = \"\(mark)\" }` ends what is still running there"
    do throws(TransportError) {
      let result = try await world.service(Hosts.self).execute(request, on: host.hostAddress)
      var report = CommandReport(host: host.name, result)
      if result.leftRunning { report.hint = remedy }
      return report
    } catch {
      guard case .timedOut(_, let limit, let got) = error else {
        var failure = CallFailure(error)
        if failure.leavesUnknown { failure.hint = remedy }
        throw failure
      }
      var report = CommandReport(host: host.name, CallFailure(error), got: got, after: limit)
      report.hint = remedy
      return report
    }
  }

  private func execute(
    _ command: HostCommand,
    _ input: SealedText?,
    _ variables: [SealedVariable],
    _ timeout: Duration,
    on host: Host,
    in run: Run
  ) async throws(CallFailure) -> CommandReport {
    let runtime = try commandRuntime(of: host)
    let operation = ExecuteCommand(
      host: host.hostAddress,
      line: command.line,
      input: input,
      variables: variables,
      timeout: timeout.seconds,
      runtime: runtime
    )
    return try await perform(operation, with: runtime, on: host.hostAddress, in: run)
      ?? CommandReport(host: host.name, state: "not run", detail: "dry run: \(command.line)")
  }

  /// Hints shown after an output: a fleet fails in few ways at a time.
  private static var hintsShown: Int { 3 }

  private func settle(
    _ primitive: String,
    _ reports: [CommandReport],
    _ effect: Effect,
    _ check: Bool?
  ) throws(CallFailure) {
    let parts = reports.compactMap { PartialChange.Part($0, isChange: effect != .reads) }
    var change = PartialChange(primitive: primitive, count: reports.count, parts: parts, check: check)
    change.isRelied = primitive != "fleet.query"
    try change.settle(dialogue)
  }
}
