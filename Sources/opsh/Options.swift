import PrimitiveKit
import Runbooks

/// The options of the program itself; those of a command are declared with it.
enum Options {
  static let code = CommandArgument<[String]>.option(
    "execute",
    "CODE",
    default: [],
    letter: "e",
    "run this code and show its results; repeatable"
  )
  static let site = file("site", "the site file (default: $OPSH_SITE, ./site.lua, ~/.config/opsh/site.lua)")
  static let dryRun = CommandArgument.dryRun
  static let yes = CommandArgument.yes
  static let reason = CommandArgument.reason
  static let json = CommandArgument<Bool>.flag("json", "print events as JSON Lines")
  static let quiet = CommandArgument<Bool>.flag("quiet", letter: "q", "print only errors and what the script prints")
  static let noColor = CommandArgument<Bool>.flag("no-color", "disable colour (NO_COLOR does the same)")
  static let catalog = CommandArgument<Bool>.flag("catalog", "print all primitives as JSON")
  static let version = CommandArgument<Bool>.flag("version", "print the version")
  static let help = CommandArgument<Bool>.flag("help", letter: "h", "print this help, or a command's")

  static let planOut = file("plan-out", "write a runbook's plan to a file")
  static let apply = file("apply", "run a runbook only if this plan still holds")
  static let onFailure = CommandArgument<String?>.option(
    "on-failure",
    "WHAT",
    default: nil,
    "what to do when a step fails and there is no terminal to ask at: stop, rollback or skip",
    completion: .choices(FailurePolicy.allCases.map(\.rawValue))
  )
  static let record = file("record", "record what a dry run reads, for --replay", value: "DIR")
  static let recordValues = CommandArgument<Bool>.flag(
    "record-values",
    "with --record: keep ids and money as they are, not as pseudonyms"
  )
  static let replay = file(
    "replay",
    "take a dry run's reads from a recording instead of the fleet (default: the site's)",
    value: "DIR"
  )
  static let junit = file("junit", "write a JUnit report of the runbooks")
  static let report = file("report", "write a JSON report of the runbooks")

  /// Those that every command has.
  static let common = [site.info, json.info, quiet.info, noColor.info, help.info]
  /// Those of anything that calls primitives, and of the commands that change something.
  static let shared = SharedOption.allCases.map(\.info)
  /// Those of anything that calls primitives without a command: a prompt, code, a script.
  static let calling = shared + [Subcommand.approval.info, replay.info]
  /// Options of everything that runs without a prompt.
  static let batch = calling + [record.info, recordValues.info]
  /// Those that only runbooks use.
  static let runbooks = [planOut.info, apply.info, onFailure.info]
  /// Those of scripts and runbooks.
  static let running =
    shared + runbooks + batch.filter { option in !shared.contains(option) } + [junit.info, report.info]
  /// Those that say what to do instead of a command.
  static let acting = [code.info, catalog.info, version.info]

  static let all =
    [code.info, site.info] + shared + [json.info, quiet.info, noColor.info]
    + running.filter { option in !shared.contains(option) } + [catalog.info, version.info, help.info]

  private static func file(_ name: String, _ help: String, value: String = "FILE") -> CommandArgument<String?> {
    .option(name, value, default: nil, help, completion: .files)
  }
}
