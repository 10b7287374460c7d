import PrimitiveKit
import Runbooks

/// What the command line asks for.
struct Invocation: Sendable {
  enum Action: Sendable {
    case prompt
    /// Runs scripts and runbooks, one after the other.
    case files([String])
    case command(BoundSubcommand)
    /// Runs pieces of code one after the other.
    case code([String])
    /// Runs a script from standard input.
    case standardInput
    case catalog
    case version
    /// How opsh is used, or the command that these words name.
    case help([String])
  }

  var action = Action.prompt
  /// The `name=value` words, for the script's `args`.
  var arguments: [String: String] = [:]
  var site: String?
  var isJSON = false
  var isQuiet = false
  var declinesColor = false
  var session = SessionOptions()
  var runbook = RunbookOptions()

  /// What it needs of the site.
  var need: SubcommandInfo.SiteNeed {
    if case .command(let command) = action { command.info.site } else { .current }
  }
}

/// Options that are about runbooks.
struct RunbookOptions: Sendable, Equatable {
  var planOut: String?
  var apply: String?
  var record: String?
  var recordsValues = false
  var replay: String?
  var junit: String?
  var report: String?
  var onFailure: String?
  var approval: String?
  /// `opsh drill`: a run for practice.
  var isDrill = false
  /// `--help` after a file: its parameters.
  var wantsHelp = false
}

extension Invocation {
  /// Reads the words of a command line, the program's name first.
  ///
  /// Throws `usage.option` and `usage.argument`.
  init(_ words: [String], commands: [Subcommand] = []) throws(CallFailure) {
    let table = CommandTable(commands: commands)
    let given = try OptionReader.read(words, Options.all + commands.flatMap(\.info.options))
    let reader = GivenOptions(words: given)
    site = try reader[Options.site]
    session.reason = try reader[Options.reason]
    session.isDryRun = try reader[Options.dryRun]
    session.assumesYes = try reader[Options.yes]
    isJSON = try reader[Options.json]
    isQuiet = try reader[Options.quiet]
    declinesColor = try reader[Options.noColor]
    let code = try reader[Options.code]
    if try reader[Options.help] {
      let isDrill = given.words.first == Subcommand.drill.info.name
      runbook.wantsHelp = (isDrill ? given.words.dropFirst() : given.words[...]).first?.hasSuffix(".lua") == true
      guard runbook.wantsHelp else {
        action = .help(given.words)
        return
      }
    }
    if try reader[Options.version] {
      action = .version
      try checkAlone(given, Options.version.info, [Options.noColor.info], table)
    } else if try reader[Options.catalog] {
      action = .catalog
      try checkAlone(given, Options.catalog.info, Options.common, table)
    } else if code.isEmpty, let (command, rest) = try table.find(given.words) {
      let words = CommandWords(words: rest, options: given.options)
      action = .command(try command.bind(words, common: Options.common))
      runbook = try RunbookOptions(reader, wantsHelp: runbook.wantsHelp)
    } else {
      try readForm(given, code, table)
      runbook = try RunbookOptions(reader, wantsHelp: runbook.wantsHelp)
    }
  }

  /// Reads what is no command: code, files, standard input or a prompt.
  private mutating func readForm(_ given: CommandWords, _ code: [String], _ table: CommandTable) throws(CallFailure) {
    var rest = given.words[...]
    if !code.isEmpty {
      action = .code(code)
      try check(given, Options.batch, table, "with -e")
    } else if rest.first == "-" {
      rest = rest.dropFirst()
      action = .standardInput
      try check(given, Options.batch, table, "with a script from standard input")
    } else if let first = rest.first {
      // A mistyped command is named before what follows it is read as a script's.
      try ScriptFile.requireFile(first, commands: table.names)
      // More files are named as such; any other word is meant for the script.
      let files = [first] + rest.dropFirst().prefix { $0.hasSuffix(".lua") && !$0.contains("=") }
      rest = rest.dropFirst(files.count)
      action = .files(files)
      try check(given, Options.running, table, "with a script")
    } else {
      try check(given, Options.calling, table, "at a prompt")
    }
    // A dry run shares them out; what changes something is told for each runbook what it shall do.
    if case .files(let files) = action, files.count > 1, !rest.isEmpty, !session.isDryRun {
      throw CallFailure(
        .usage,
        code: "usage.argument",
        message: "name=value arguments work with one file only; \(files.count) were given",
        hint: "run the files one by one; only a dry run takes them for several files"
      )
    }
    arguments = try Invocation.arguments(Array(rest))
    if case .prompt = action, isJSON {
      throw CallFailure(
        .usage,
        code: "usage.option",
        message: "--json needs a script; it does not work at the prompt",
        hint: "opsh --json -e CODE, or opsh --json FILE.lua"
      )
    }
  }

  /// Throws `usage.option` for an option that would do nothing.
  private func check(
    _ given: CommandWords,
    _ own: [CommandArgumentInfo],
    _ table: CommandTable,
    _ form: String
  ) throws(CallFailure) {
    let known = (Options.common + [Options.code.info] + own).map(\.name)
    for option in given.options.keys.sorted() where !known.contains(option) {
      throw table.failure(unused: option, in: form)
    }
  }

  /// Throws `usage.option` and `usage.argument` for what would do nothing beside an option that says what to print.
  private func checkAlone(
    _ given: CommandWords,
    _ option: CommandArgumentInfo,
    _ others: [CommandArgumentInfo],
    _ table: CommandTable
  ) throws(CallFailure) {
    let known = ([option] + others).map(\.name)
    for name in given.options.keys.sorted() where !known.contains(name) {
      throw table.failure(unused: name, in: "with --\(option.name)")
    }
    if let word = given.words.first {
      throw CallFailure(
        .usage,
        code: "usage.argument",
        message: "unexpected argument '\(word)'",
        hint: "usage: opsh --\(option.name)"
      )
    }
  }

  /// The `name=value` words that follow a script.
  ///
  /// Throws `usage.argument`.
  static func arguments(_ words: [String]) throws(CallFailure) -> [String: String] {
    var arguments: [String: String] = [:]
    for word in words {
      guard let equals = word.firstIndex(of: "="), equals > word.startIndex else {
        throw CallFailure(
          .usage,
          code: "usage.argument",
          message: "arguments after the script must be name=value, got '\(word)'",
          hint: "for example: opsh runbooks/reset.lua target=staging"
        )
      }
      let (name, value) = (String(word[..<equals]), String(word[word.index(after: equals)...]))
      guard arguments.updateValue(value, forKey: name) == nil else {
        throw CallFailure(.usage, code: "usage.argument", message: "'\(name)' is given twice", hint: "give it once")
      }
    }
    return arguments
  }
}

/// The options of a command line, by their declarations.
private struct GivenOptions {
  let words: CommandWords

  // Names the program in what is said of a wrong value.
  private static let program = SubcommandInfo.program(Options.all)

  subscript<Wrapped: ValueConvertible>(_ option: CommandArgument<Wrapped>) -> Wrapped {
    get throws(CallFailure) { try option.decode(words, of: Self.program) }
  }
}

extension RunbookOptions {
  fileprivate init(_ given: GivenOptions, wantsHelp: Bool) throws(CallFailure) {
    planOut = try given[Options.planOut]
    apply = try given[Options.apply]
    record = try given[Options.record]
    recordsValues = try given[Options.recordValues]
    replay = try given[Options.replay]
    junit = try given[Options.junit]
    report = try given[Options.report]
    onFailure = try given[Options.onFailure]
    approval = try given[Subcommand.approval]
    self.wantsHelp = wantsHelp
  }
}
