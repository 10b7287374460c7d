import PrimitiveKit
import Reference

/// The text of `--help`.
enum Usage {
  /// How opsh is used, or the command that the words name.
  static func text(_ words: [String], _ table: CommandTable) -> String {
    let group = words.first.map(table.group) ?? []
    guard let first = words.first, !group.isEmpty else { return text(table) }
    if words.count > 1, let command = group.first(where: { $0.info.name == "\(first) \(words[1])" }) {
      return CommandHelp.text(command.info)
    }
    return CommandHelp.text(group: first, group.map(\.info))
  }

  private static func text(_ table: CommandTable) -> String {
    """
    opsh: the operator's shell for fleets of bots

    usage:
      opsh [options]                          a prompt
      opsh [options] FILE.lua [name=value …]  runs a script; `args` has its values
      opsh [options] -e CODE                  runs code and shows its results
      opsh [options] -                        runs a script from standard input

    commands (see `opsh COMMAND --help`):
    \(CommandHelp.table(table.commands.map { ("opsh \($0.info.name)", $0.info.summary) }))

    options:
    \(CommandHelp.table(CommandHelp.rows(Options.all, letters: true)))

    \(exits)
    """
  }

  // A code stays in one line with the word after it.
  private static let exits = CommandHelp.list(
    "exit codes:",
    [
      "0 ok", "1 failures within the budget", "2 budget breached: the rollout halted", "3 plan inexact",
      "4 not reachable", "5 interrupted or refused after something had started",
      "6 refused, nothing started: a lock, a gate, an approval, a missing confirmation, the journal", "7 rolled back",
      "8 rollback failed", "9 unknown outcomes left", "64 usage",
      "65 a script, a site or an argument is invalid, or output cannot be written", "70 a bug in opsh",
      "130 cancelled before anything started",
    ]
  )
}
