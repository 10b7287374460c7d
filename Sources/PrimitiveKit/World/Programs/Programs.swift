/// Programs of this machine, of which those that only read are recorded.
package enum Programs: Service {
  package typealias Form = any LocalPrograms

  package static let name = "programs"

  package static func reading(_ live: any LocalPrograms) -> any LocalPrograms { ReadingPrograms(base: live) }
  package static func recording(_ live: any LocalPrograms, in log: RecordingLog) -> any LocalPrograms {
    RecordingPrograms(base: live, log: log)
  }
  package static func replaying(_ log: ReplayLog) -> any LocalPrograms { ReplayPrograms(log: log) }
  package static var absent: any LocalPrograms { ReadingPrograms(base: nil) }

  /// What tells two runs apart; values of variables go through the masks, for one may be a secret.
  fileprivate static func question(_ request: ProgramRequest, _ masks: Masks) -> ReadQuestion {
    let variables = request.variables.sorted { $0.key < $1.key }.map { "\($0.key)=\(masks.id($0.value))" }
    let place = request.place.parts
    return ReadQuestion(
      of: request.name,
      summary: request.line,
      parts: [
        "argv": Array(request.words.joined(separator: "\0").utf8), "input": request.input,
        "env": Array(variables.joined(separator: "\0").utf8), "cwd": place["path"] ?? [],
        "folder": place["folder"] ?? [],
      ]
    )
  }

  fileprivate static func readOnly(_ request: ProgramRequest) -> CallFailure {
    CallFailure(
      .refused,
      code: "program.read_only",
      message: "`\(request.line)` is not run: a dry run only reads",
      hint: "effect = \"reads\" says that a program changes nothing"
    )
  }
}

/// How a program ended, or why it did not.
private struct ProgramAnswer: RecordedAnswer {
  var ending: ProgramEnding?
  var failure: CallFailure?

  /// A program prints what it prints, and nobody can tell an id in it: the operator reads a recording before it is shared.
  func masked(by masks: Masks) -> ProgramAnswer { self }
}

private struct ReadingPrograms: LocalPrograms {
  let base: (any LocalPrograms)?

  func run(_ request: ProgramRequest) async throws(CallFailure) -> ProgramEnding {
    guard let base else {
      throw CallFailure(
        .unavailable,
        code: "program.absent",
        message: "`\(request.line)` cannot be run: this world has no programs"
      )
    }
    guard request.effect == .reads else { throw Programs.readOnly(request) }
    return try await base.run(request)
  }
}

private struct RecordingPrograms: LocalPrograms {
  let base: any LocalPrograms
  let log: RecordingLog

  func run(_ request: ProgramRequest) async throws(CallFailure) -> ProgramEnding {
    guard request.effect == .reads else { return try await base.run(request) }
    let place = log.ask(Programs.question(request, log.masks), of: Programs.self)
    do throws(CallFailure) {
      let ending = try await base.run(request)
      log.answer(place, ProgramAnswer(ending: ending))
      return ending
    } catch {
      // That the operator gave up is no answer of the program.
      if !error.isGivenUp { log.answer(place, ProgramAnswer(failure: error)) }
      throw error
    }
  }
}

private struct ReplayPrograms: LocalPrograms {
  let log: ReplayLog

  func run(_ request: ProgramRequest) async throws(CallFailure) -> ProgramEnding {
    guard request.effect == .reads else { throw Programs.readOnly(request) }
    let answer: ProgramAnswer
    do throws(MissingRead) {
      answer = try log.answer(to: Programs.question(request, log.masks), of: Programs.self)
    } catch {
      throw CallFailure(error)
    }
    if let failure = answer.failure { throw failure }
    guard let ending = answer.ending else {
      throw CallFailure(.invalid, code: "recording.missing", message: "the recording has no end of `\(request.line)`")
    }
    return ending
  }
}
