import PrimitiveKit
import Reference

/// The text of `--help`.
enum Usage {
  static func text(_ added: [Subcommand]) -> String {
    var options = TextTable()
    for option in Option.allCases {
      let letter = option.letter.map { "-\($0)," } ?? "   "
      let value = option.valueName.map { " \($0)" } ?? ""
      options.add(["\(letter) --\(option.rawValue)\(value)", option.help])
    }
    var commands = TextTable()
    for command in Command.allCases { commands.add(["opsh \(command.rawValue)", command.summary]) }
    for command in added { commands.add(["opsh \(command.name)", command.summary]) }
    return """
      opsh: the operator's shell for fleets of bots

      usage:
        opsh [options]                            a prompt
        opsh [options] FILE.lua [name=value …]    runs a script; `args.name` is the value
        opsh [options] -e CODE                    runs code and shows its results
        opsh [options] -                          runs a script from standard input

      commands (`opsh COMMAND --help` says more):
      \(commands.lines(indent: 2, within: WrappedText.columns).joined(separator: "\n"))

      options:
      \(options.lines(indent: 2, within: WrappedText.columns).joined(separator: "\n"))

      exit codes: 0 ok · 1 failures within budget · 2 budget breached · 3 plan inexact · 4 too many unreachable
        5 interrupted · 6 lock refused · 7 rolled back · 8 rollback failed · 9 unknown outcomes
        64 usage · 65 script or data invalid · 70 internal error · 130 cancelled with nothing begun
      """
  }

  /// How one command is used.
  static func text(_ command: Command) -> String {
    text(command.usage, command.summary, command.options, command.exits)
  }

  /// How a command of a domain is used.
  static func text(_ command: Subcommand) -> String {
    text(command.usage, command.summary, command.options.compactMap(Option.init(rawValue:)), command.exits)
  }

  private static func text(_ usage: String, _ summary: String, _ taken: [Option], _ exits: String) -> String {
    var options = TextTable()
    for option in taken {
      options.add(["--\(option.rawValue)\(option.valueName.map { " \($0)" } ?? "")", option.help])
    }
    let lines = options.lines(indent: 2, within: WrappedText.columns)
    let section = lines.isEmpty ? "" : "\noptions, beside those of `opsh --help`:\n\(lines.joined(separator: "\n"))\n"
    return """
      \(usage)
      \(WrappedText.lines("It \(summary).", within: WrappedText.columns).joined(separator: "\n"))
      \(section)
      exit codes: \(exits) · 64 usage
      """
  }
}
