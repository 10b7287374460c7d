import Foundations
package import PrimitiveKit

/// `program`: other programs of this machine.
package struct ProgramPrimitives: Sendable {
  private let surroundings: Surroundings

  package init(_ surroundings: Surroundings) { self.surroundings = surroundings }

  package var all: [Primitive] { [program] }

  private var program: Primitive {
    Primitive(
      "program",
      "Runs a program of this machine from its words, without a shell.",
      effect: .changes,
      Parameter<ProgramWords>("argv", "The program and its arguments"),
      Parameter<ProgramEffect>(
        "effect",
        "What it does: \"reads\" runs in dry runs too, \"changes\" is planned and recorded"
      ),
      Parameter<ByteText>("input", default: "", "Standard input"),
      Parameter<Duration>("timeout", default: .seconds(30), "When it is stopped, with what it started"),
      Parameter<ProgramVariables>("env", default: ProgramVariables(), "Variables added to the environment"),
      Parameter<ScriptPath?>("cwd", default: nil, "Where it starts; default: the directory of the script or plugin"),
      Parameter<Int>("limit", default: 1 << 20, "The most bytes it may print before it is stopped, per stream"),
      Parameter<Bool>("check", default: true, "Raise an error when it does not exit with status 0"),
      Parameter<Bool>("dry_run", default: false, "Show what would be run; run nothing"),
      returns: "How it ended and what it printed",
      examples: [
        Example(#"program{ argv = { "uname", "-r" }, effect = "reads" }.output"#, "what it printed"),
        Example(#"program{ argv = { "true" }, effect = "changes" }.ok"#, "a change, which is recorded"),
      ],
      topics: ["exec", "shell", "command", "popen", "os.execute", "argv"]
    ) { argv, effect, input, timeout, env, cwd, limit, check, dry async throws(CallFailure) -> ProgramAnswer in
      let place = try await (cwd ?? .here).located()
      var request = ProgramRequest(words: argv.words, effect: effect.effect, in: place)
      (request.input, request.timeout, request.variables) = (input.bytes, timeout, env.variables)
      guard (1...ProgramPrimitives.mostPrinted).contains(limit) else {
        throw CallFailure(
          .invalid,
          code: "call.argument",
          message: "program: 'limit' should be 1 to \(ProgramPrimitives.mostPrinted), got \(limit)"
        )
      }
      request.limit = limit
      let answer = effect.effect == .reads ? try await self.read(request) : try await self.change(request, dry: dry)
      if check, let failure = answer.result?.failure(of: request.name) { throw failure }
      return answer
    }.reading(when: "effect", is: "reads")
  }

  /// As much as may be kept of each stream, in bytes.
  private static let mostPrinted = 64 << 20

  private func read(_ request: ProgramRequest) async throws(CallFailure) -> ProgramAnswer {
    let world = CallContext.current.run?.world ?? surroundings.world
    if let why = world.predicted?.loss(of: [.machine]) { return ProgramAnswer(why) }
    // Whatever the session is, the world of a call that only plans only reads.
    let isDry = surroundings.admission.isDry(false)
    return ProgramAnswer(ProgramResult(try await (isDry ? world.dry : world).service(Programs.self).run(request)))
  }

  private func change(_ request: ProgramRequest, dry: Bool) async throws(CallFailure) -> ProgramAnswer {
    let arguments: [String: Value] = [
      "argv": request.words.value, "cwd": request.folder.value, "env": request.variables.keys.sorted().value,
      "timeout": .number(request.timeout.seconds),
    ]
    let change = RunRequest(name: "program", arguments: .table(arguments), scopes: [], hosts: [])
    let admission = surroundings.admission
    return try await admission.run(PlannedChange(change), dry: dry) { run throws(CallFailure) in
      let result = try await run.perform(RunProgram(request))
      guard let result else {
        surroundings.dialogue.say("  would run \(request.line) (dry run)")
        return ProgramAnswer(RunProgram.why)
      }
      return ProgramAnswer(result)
    }
  }
}

/// What a script gets of a program; of a change that was only planned a value that is not known.
struct ProgramAnswer: Answered, Sendable {
  let value: Value
  let result: ProgramResult?

  static var luaType: String { ProgramResult.luaType }
  static var fields: [FieldInfo] { ProgramResult.fields }

  init(_ result: ProgramResult) { (value, self.result) = (result.value, result) }

  init(_ why: String) { (value, result) = (.unknown(Unknown(why: why, origin: "program")), nil) }
}
