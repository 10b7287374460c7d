import Console
import Glibc
import LineEditor
import LuaRuntime
import PrimitiveKit
import Reference

/// One run of opsh, from the words of the command line to the exit status.
struct Program: Sendable {
  let output: FileOutput
  let errors: any Output
  let environment: [String: String]
  var domains = Opsh.domains

  func run(_ words: [String]) async -> Int32 {
    let invocation: Invocation
    do throws(CallFailure) {
      invocation = try Invocation(words, commands: domains.flatMap(\.commands))
    } catch {
      guard !Monitoring.isAsked(words, domains.flatMap(\.commands)) else {
        output.write(Monitoring.line(error))
        return Monitoring.unknown.rawValue
      }
      // A program that reads events reads that its command line is wrong, too.
      if words.prefix(while: { $0 != "--" }).contains("--json") {
        JSONDialogue(output: output, isQuiet: false, notes: NotedExit()).event(FailureText.event(error))
      } else {
        show(error)
      }
      return ExitCode.usage.rawValue
    }
    switch invocation.action {
    case .help(let words):
      output.write(Usage.text(words, CommandTable(commands: domains.flatMap(\.commands))) + "\n")
      return 0
    case .version:
      output.write("opsh \(Opsh.version)\n")
      return 0
    default: return await run(invocation)
    }
  }

  private func run(_ invocation: Invocation) async -> Int32 {
    let stage = Stage(invocation, output: output, errors: errors, environment: environment)
    do throws(CallFailure) {
      return try await Session(invocation: invocation, stage: stage, environment: environment, domains: domains).run()
    } catch {
      if case .command(let command) = invocation.action, command.failsAsUnknown {
        if invocation.isJSON {
          stage.dialogue.event(FailureText.event(error))
        } else {
          output.write(Monitoring.line(error))
        }
        return Monitoring.unknown.rawValue
      }
      if invocation.isJSON { stage.dialogue.event(FailureText.event(error)) } else { show(error) }
      return ExitCode(failure: error).rawValue
    }
  }

  /// The exit status once it is known whether all output was kept; says where it was not.
  ///
  /// What monitoring reads and got nothing of is UNKNOWN, never green.
  func ending(_ status: Int32, of words: [String]) -> Int32 {
    output.closeFile()
    guard let loss = output.loss else { return status }
    let failure = CallFailure(
      .invalid,
      .local,
      code: "output.unwritable",
      message: "standard output cannot be written: \(loss.problem)",
      hint: "check the disk that the output goes to"
    )
    if !loss.isTold { show(failure) }
    if Monitoring.isAsked(words, domains.flatMap(\.commands)) {
      let isBad = status == ExitCode.budgetBreached.rawValue
      return isBad ? status : Monitoring.unknown.rawValue
    }
    // What ended otherwise keeps its code: a run that was stopped because of it can be resumed.
    return status == ExitCode.ok.rawValue ? ExitCode(failure: failure).rawValue : status
  }

  private func show(_ failure: CallFailure) {
    let lines = FailureText.lines(failure, style: Style(isColored: false))
    errors.write("opsh: " + lines.joined(separator: "\n") + "\n")
  }
}
