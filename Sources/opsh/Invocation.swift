import PrimitiveKit

/// What the command line asks for.
struct Invocation: Equatable {
  enum Action: Equatable {
    case prompt
    /// Runs scripts and runbooks, one after the other.
    case files([String])
    /// One of the words of `Command`, with what follows it.
    case command(Command, [String])
    /// A sub-command of a domain, by its name, with what follows it.
    case domain(String, [String])
    /// Runs pieces of code one after the other.
    case code([String])
    /// Runs a script from standard input.
    case standardInput
    case catalog
    case version
    case help
    /// How one of the words of `Command` is used.
    case commandHelp(Command)
    /// How a sub-command of a domain is used.
    case domainHelp(String)
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

  /// Whether it is `opsh stop`.
  var isStopping: Bool {
    if case .command(.stop, _) = action { true } else { false }
  }
}

/// Options that only runbooks and commands about them have.
struct RunbookOptions: Equatable {
  var planOut: String?
  var apply: String?
  var record: String?
  var recordsValues = false
  var replay: String?
  var junit: String?
  var report: String?
  var onFailure: String?
  var approval: String?
  var out: String?
  var key: String?
  var expires: String?
  var uses: String?
  var from: String?
  var mode: String?
  var grace: String?
  var withNew = false
  /// `opsh drill`: a run for practice.
  var isDrill = false
  var before: String?
  var head: String?
  var isForced = false
  var fix = false
  var isStrict = false
  /// `--help` after a file: its parameters.
  var wantsHelp = false
}

extension Invocation {
  /// Reads the words of a command line, the program's name first; `commands` are those of domains.
  ///
  /// Throws `usage.option` and `usage.argument`.
  init(_ words: [String], commands: [Subcommand] = []) throws(CallFailure) {
    var code: [String] = []
    var wantsHelp = false
    let (found, rest) = try OptionReader.read(words)
    for (option, value) in found {
      switch option {
      case .code: code.append(value)
      case .site: site = value
      case .reason: session.reason = value
      case .dryRun: session.isDryRun = true
      case .yes: session.assumesYes = true
      case .json: isJSON = true
      case .quiet: isQuiet = true
      case .noColor: declinesColor = true
      case .catalog: action = .catalog
      case .version: action = .version
      case .help: wantsHelp = true
      default: runbook.take(option, value)
      }
    }
    let command = rest.first.flatMap(Command.init(rawValue:))
    let added = commands.first { $0.name == rest.first }
    if wantsHelp {
      let file = command == .drill ? rest.dropFirst().first : rest.first
      if file?.hasSuffix(".lua") == true {
        runbook.wantsHelp = true
      } else {
        action = command.map(Action.commandHelp) ?? added.map { .domainHelp($0.name) } ?? .help
        return
      }
    }
    if action == .prompt, code.isEmpty, let command { try command.check(found.map(\.0)) }
    if action == .prompt, code.isEmpty, let added {
      try added.check(found.map(\.0.rawValue), Array(rest.dropFirst()))
      action = .domain(added.name, Array(rest.dropFirst()))
      return
    }
    try read(rest, code)
  }

  private mutating func read(_ rest: [String], _ code: [String]) throws(CallFailure) {
    var rest = rest[...]
    switch action {
    case .catalog, .version: break
    default:
      if !code.isEmpty {
        action = .code(code)
      } else if rest.first == Command.drill.rawValue {
        rest = rest.dropFirst()
        guard let file = rest.popFirst(), file.hasSuffix(".lua") else {
          throw Command.drill.failure("drill needs the file of a runbook")
        }
        action = .files([file])
        runbook.isDrill = true
      } else if let command = rest.first.flatMap(Command.init(rawValue:)) {
        action = .command(command, Array(rest.dropFirst()))
        rest = []
      } else if let first = rest.first {
        // More files are named as such; any other word is meant for the script.
        let files = [first] + rest.dropFirst().prefix { $0.hasSuffix(".lua") && !$0.contains("=") }
        rest = rest.dropFirst(files.count)
        action = first == "-" ? .standardInput : .files(files)
      }
    }
    // A dry run shares them out; what changes something is told for each runbook what it shall do.
    if case .files(let files) = action, files.count > 1, !rest.isEmpty, !session.isDryRun {
      throw CallFailure(
        .usage,
        code: "usage.argument",
        message: "name=value words go with one file, and there are \(files.count)",
        hint: "run the files one by one; a dry run of several takes them"
      )
    }
    for word in rest {
      guard let equals = word.firstIndex(of: "="), equals > word.startIndex else {
        throw CallFailure(
          .usage,
          code: "usage.argument",
          message: "what follows the script is name=value, got '\(word)'",
          hint: "for example: opsh runbooks/reset.lua target=staging"
        )
      }
      let (name, value) = (String(word[..<equals]), String(word[word.index(after: equals)...]))
      guard arguments.updateValue(value, forKey: name) == nil else {
        throw CallFailure(.usage, code: "usage.argument", message: "'\(name)' is given twice", hint: "give it once")
      }
    }
    if action == .prompt, isJSON {
      throw CallFailure(
        .usage,
        code: "usage.option",
        message: "--json needs a script: the prompt is for people",
        hint: "opsh --json -e CODE, or opsh --json FILE.lua"
      )
    }
  }
}

extension RunbookOptions {
  fileprivate mutating func take(_ option: Option, _ value: String) {
    switch option {
    case .planOut: planOut = value
    case .apply: apply = value
    case .record: record = value
    case .recordValues: recordsValues = true
    case .replay: replay = value
    case .junit: junit = value
    case .report: report = value
    case .onFailure: onFailure = value
    case .approval: approval = value
    case .out: out = value
    case .key: key = value
    case .expires: expires = value
    case .uses: uses = value
    case .from: from = value
    case .mode: mode = value
    case .grace: grace = value
    case .before: before = value
    case .head: head = value
    case .force: isForced = true
    case .withNew: withNew = true
    case .fix: fix = true
    case .strict: isStrict = true
    default: break
    }
  }
}
