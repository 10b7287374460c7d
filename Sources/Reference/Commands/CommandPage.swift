package import PrimitiveKit

/// The page of all commands, docs/commands.md.
package enum CommandPage {
  /// Markdown, made of the declarations.
  package static func text(_ infos: [SubcommandInfo], common: [CommandArgumentInfo], running: [CommandArgumentInfo])
    -> String
  {
    var lines = [
      "# Commands", "",
      "<!-- Generated from the command declarations; a test compares them, and `OPSH_RECORD=1` rewrites it. -->",
      "",
      "`opsh COMMAND --help` shows the same at a terminal. `opsh completion bash` prints shell completion. What Lua code",
      "calls is in the [reference](reference/README.md).",
      "",
      "| command | what it does |", "|---|---|",
    ]
    lines += infos.map { "| [`opsh \($0.name)`](#\(anchor($0))) | \(cell($0.summary.capitalizedFirst)) |" }
    lines += ["", "## Options of every command", ""] + options(common)
    lines += ["", "## Options of scripts and runbooks", ""] + options(running)
    for info in infos { lines += [""] + section(info) }
    return lines.joined(separator: "\n")
  }

  private static func section(_ info: SubcommandInfo) -> [String] {
    var lines = ["## opsh \(info.name)", "", "    \(info.usage)", "", "\(info.summary.capitalizedFirst)."]
    if !info.words.isEmpty {
      lines += ["", "| argument | what it is |", "|---|---|"]
      lines += info.words.map { "| `\(cell($0.usage))` | \(cell($0.help.capitalizedFirst)) |" }
    }
    if !info.options.isEmpty { lines += [""] + options(info.options) }
    lines += ["", "Exit codes: \((info.exits.map(\.text) + ["64 usage"]).joined(separator: ", "))."]
    if let instead = info.insteadOfDryRun { lines += ["", "It has no dry run: \(instead)."] }
    if let instead = info.insteadOfYes { lines += ["", "It takes no `--yes`: \(instead)."] }
    if !info.examples.isEmpty {
      let width = info.examples.map { DisplayWidth.of($0.code) }.max() ?? 0
      lines += [""]
      lines += info.examples.map { example in
        "    " + example.code + String(repeating: " ", count: width - DisplayWidth.of(example.code)) + "  # "
          + example.note
      }
    }
    return lines
  }

  private static func options(_ options: [CommandArgumentInfo]) -> [String] {
    ["| option | what it does |", "|---|---|"]
      + CommandHelp.rows(options, letters: true).map { name, help in
        "| `\(cell(name.trimmedStart))` | \(cell(help.capitalizedFirst)) |"
      }
  }

  private static func anchor(_ info: SubcommandInfo) -> String { "opsh-" + info.name.replacing(" ", with: "-") }

  private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}

extension String {
  fileprivate var trimmedStart: String { String(drop { $0 == " " }) }
}
