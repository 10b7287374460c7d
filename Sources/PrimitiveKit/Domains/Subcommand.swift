/// A sub-command of the program, declared as a primitive is.
///
/// The declaration is the only source of the checks of its words and options, of `--help`, shell completion, nearest
/// names, and its section in docs/commands.md.
package struct Subcommand: Sendable {
  package let info: SubcommandInfo
  private let binding: @Sendable (CommandWords) throws(CallFailure) -> Work

  /// What is done once the words are read; answers what is shown.
  package typealias Work = @Sendable (SubcommandCall) async throws(CallFailure) -> [Value]

  /// Declares a command; its name may have two words, for example `journal backup`.
  ///
  /// `shares` are the options of scripts that it uses itself; the others are refused, since they would do nothing.
  package init<each Input: ValueConvertible>(
    _ name: String,
    _ summary: String,
    _ arguments: repeat CommandArgument<each Input>,
    exits: [CommandExit],
    examples: [Example],
    shares: Set<SharedOption> = [],
    insteadOfDryRun: String? = nil,
    insteadOfYes: String? = nil,
    site: SubcommandInfo.SiteNeed = .current,
    isMonitoring: Bool = false,
    body: @escaping @Sendable (SubcommandCall, repeat each Input) async throws(CallFailure) -> [Value]
  ) {
    var described: [CommandArgumentInfo] = []
    for argument in repeat each arguments { described.append(argument.info) }
    let info = SubcommandInfo(
      name: name,
      summary: summary,
      arguments: described,
      exits: exits,
      examples: examples,
      shared: SharedOption.allCases.filter(shares.contains),
      insteadOfDryRun: insteadOfDryRun,
      insteadOfYes: insteadOfYes,
      site: site,
      isMonitoring: isMonitoring
    )
    self.info = info
    binding = { (given: CommandWords) throws(CallFailure) -> Work in
      let decoded = (repeat try (each arguments).decode(given, of: info))
      return { (call: SubcommandCall) async throws(CallFailure) in try await body(call, repeat each decoded) }
    }
  }

  /// Reads what was given to it; `common` are the options that every command has.
  ///
  /// Throws `usage.option`, also for an option that would do nothing, and `usage.argument`.
  package func bind(_ given: CommandWords, common: [CommandArgumentInfo]) throws(CallFailure) -> BoundSubcommand {
    for option in SharedOption.allCases where given.options[option.rawValue] != nil && !info.shared.contains(option) {
      throw info.failure(option.refusal(of: info.name), isOption: true, hint: info.instead(of: option))
    }
    if given.options["site"] != nil, info.site == .none {
      throw info.failure("\(info.name) reads no site, so --site does nothing", isOption: true)
    }
    let known = (common + info.options).map(\.name)
    for option in given.options.keys.sorted() where !known.contains(option) {
      throw info.failure("\(info.name) has no option '--\(option)'", isOption: true)
    }
    let words = info.words
    if words.last?.place != .words, given.words.count > words.count {
      throw info.failure("unexpected argument '\(given.words[words.count])'")
    }
    let failsAsUnknown = info.isMonitoring && given.options[SubcommandInfo.ownCodes] == nil
    return BoundSubcommand(info: info, work: try binding(given), failsAsUnknown: failsAsUnknown)
  }
}

/// A sub-command with its words and options read.
package struct BoundSubcommand: Sendable {
  package let info: SubcommandInfo
  package let work: Subcommand.Work
  /// Whether it ends as UNKNOWN of monitoring plugins when it fails.
  package let failsAsUnknown: Bool
}

/// What tools need to know about a sub-command.
package struct SubcommandInfo: Sendable {
  /// What a command needs of the site before it begins.
  package enum SiteNeed: Sendable {
    /// The site as it is, where there is one.
    case current
    /// The last good reading where the site cannot be read: for what must work at any hour.
    case lastReading
    case none
  }

  package let name: String
  /// What it does: a verb in the third person, no full stop.
  package let summary: String
  package let arguments: [CommandArgumentInfo]
  /// How it ends, beside 64 for a wrong command line and 70 for a defect.
  package let exits: [CommandExit]
  /// Command lines that help shows and a test runs.
  package let examples: [Example]
  /// The options of scripts that it uses itself.
  package let shared: [SharedOption]
  /// What is typed instead of a dry run; nil where it has one, or changes nothing.
  package let insteadOfDryRun: String?
  /// What is done instead of `--yes`; nil where that is taken, or nothing is asked.
  package let insteadOfYes: String?
  package let site: SiteNeed
  /// Whether monitoring systems call it: a failure is UNKNOWN, exit code 3, unless the option `ownCodes` is given.
  package let isMonitoring: Bool

  /// The option that keeps opsh's own exit codes.
  package static let ownCodes = "opsh-codes"

  package var words: [CommandArgumentInfo] { arguments.filter(\.isWord) }
  /// Its own options and those it shares with scripts.
  package var options: [CommandArgumentInfo] { arguments.filter { !$0.isWord } + shared.map(\.info) }

  /// The program itself, for reading the options that are declared beside all commands.
  package static func program(_ options: [CommandArgumentInfo]) -> SubcommandInfo {
    SubcommandInfo(
      name: "[options]",
      summary: "",
      arguments: options.filter(\.isRequired),
      exits: [],
      examples: [],
      shared: [],
      insteadOfDryRun: nil,
      insteadOfYes: nil,
      site: .current,
      isMonitoring: false
    )
  }

  /// How it is called, what may be left out in brackets.
  package var usage: String {
    (["opsh \(name)"] + arguments.map { $0.isRequired ? $0.usage : "[\($0.usage)]" }).joined(separator: " ")
  }

  /// What is done instead of giving an option that it refuses; nil where there is nothing to say but its usage.
  func instead(of option: SharedOption) -> String? {
    switch option {
    case .dryRun: insteadOfDryRun
    case .yes: insteadOfYes
    case .reason: nil
    }
  }

  /// A wrong call; the hint is the right one unless there is a better.
  package func failure(_ message: String, isOption: Bool = false, hint: String? = nil) -> CallFailure {
    CallFailure(
      .usage,
      code: isOption ? "usage.option" : "usage.argument",
      message: message,
      hint: hint ?? "usage: \(usage)"
    )
  }
}

/// One way a command ends, as the shell sees it.
package struct CommandExit: Sendable {
  /// The code and what it means, for example `0 signed`.
  package let text: String

  package init(_ code: ExitCode, _ meaning: String) { text = "\(code.rawValue) \(meaning)" }

  private init(text: String) { self.text = text }

  /// It ends as the run does that it carries on.
  package static let asItsRun = CommandExit(text: "those of a run (`opsh --help` lists them)")
}

/// What a sub-command works with.
package struct SubcommandCall: Sendable {
  package let surroundings: Surroundings
  /// `--json`: what is shown is for programs.
  package let isJSON: Bool
  /// Writes text to standard output as it is.
  package let write: @Sendable (String) -> Void

  package var dialogue: any Dialogue { surroundings.dialogue }
  package var isDryRun: Bool { surroundings.options.isDryRun }

  package init(_ surroundings: Surroundings, isJSON: Bool, write: @escaping @Sendable (String) -> Void) {
    self.surroundings = surroundings
    self.isJSON = isJSON
    self.write = write
  }
}
