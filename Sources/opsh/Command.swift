import PrimitiveKit

/// What is done without a script of one's own: the first word of the command line.
enum Command: String, CaseIterable {
  case stop
  case lint
  case runs
  case resume
  case rollback
  case fork
  case drill
  case approve
  case sign
  case audit
  case fidelity
  case journal
}

extension Command {
  /// How it is called, without options that everything has.
  var usage: String {
    switch self {
    case .stop: "opsh stop SELECTOR… [--reason TEXT] [--grace TIME] [--mode MODE]"
    case .lint: "opsh lint FILE|FOLDER… [--fix] [--strict] [--json]"
    case .runs: "opsh runs"
    case .resume: "opsh resume RUN [--with-new]"
    case .rollback: "opsh rollback RUN"
    case .fork: "opsh fork RUN --from STEP"
    case .drill: "opsh drill FILE.lua [name=value …]"
    case .approve: "opsh approve RUN|PLANFILE [--key FILE] [--expires TIME] [--uses N] [--out FILE]"
    case .sign: "opsh sign FILE.lua… [--key FILE]"
    case .audit: "opsh audit verify|export|accept [--head FILE|-]"
    case .fidelity: "opsh fidelity"
    case .journal: "opsh journal [backup FILE|restore FILE|check|prune|move TARGET]"
    }
  }

  var summary: String {
    switch self {
    case .stop: "stops bots at once, without a question; needs no journal, no lock and no readable site file"
    case .lint: "looks for mistakes in runbooks and scripts"
    case .runs: "lists runs, the newest first"
    case .resume: "goes on with a run that ended before its end"
    case .rollback: "undoes a run, the last change first"
    case .fork: "begins a new run where an earlier run's steps up to one are taken as done"
    case .drill: "carries a runbook out for practice: like any run, and written down as a drill"
    case .approve: "approves the plan of a run that waits for it, or of a plan file"
    case .sign: "signs the bytes of runbooks"
    case .audit: "checks the audit chain, prints its records as JSON Lines, or accepts a journal that was changed"
    case .fidelity: "shows how often plans foretold what was done, by kind of change"
    case .journal: "shows where the journal stands, or backs it up, restores, checks, prunes or moves it"
    }
  }

  /// The options that it has beside those of everything.
  var options: [Option] {
    switch self {
    case .stop: [.mode, .grace]
    case .lint: [.fix, .strict]
    case .resume: [.withNew, .approval]
    case .fork: [.from, .approval]
    case .drill: [.apply, .planOut, .onFailure, .approval, .junit, .report]
    case .approve: [.key, .expires, .uses, .out]
    case .sign: [.key]
    case .audit: [.head]
    case .journal: [.before, .force]
    case .runs, .rollback, .fidelity: []
    }
  }

  /// How it ends, beside 64 for a wrong command line and 70 for a defect.
  var exits: String {
    switch self {
    case .stop:
      "0 every bot is stopped · 1 some are not, or their host was not reached · 9 unknown of some · 65 no such bot"
    case .lint: "0 no errors · 1 warnings with --strict · 65 errors"
    case .runs, .fidelity: "0 ok · 65 no site, or a journal that cannot be read"
    case .journal: "0 done, nothing is wrong · 6 refused, nothing changed · 65 a problem was found, or no such file"
    case .audit: "0 the chain holds · 65 it does not, or cannot be read"
    case .approve, .sign: "0 signed · 65 there is nothing to sign, or the key is not the operator's · 130 not confirmed"
    case .resume, .fork, .drill: "those of a run, see `opsh --help`; 65 also when there is no such run or file"
    case .rollback: "0 undone · 8 it failed · 65 there is no such run, or nothing to undo · 130 not confirmed"
    }
  }

  /// What a dry run of it would be, for those that have none; nil where there is one.
  private var insteadOfDryRun: String? {
    switch self {
    case .resume, .fork: "`opsh -e 'run(\"RUN\").steps'` shows what is done and what is open"
    case .drill: "`opsh --dry-run FILE.lua` shows the plan"
    case .approve: "`opsh -e 'run(\"RUN\")'` shows the run"
    case .stop, .sign, .lint, .runs, .rollback, .audit, .fidelity, .journal: nil
    }
  }

  /// Checks that these options go with it; throws `usage.option`.
  func check(_ given: [Option]) throws(CallFailure) {
    for option in given where !Option.everywhere.contains(option) && !options.contains(option) {
      throw failure("\(rawValue) has no option '--\(option.rawValue)'", code: "usage.option")
    }
    guard given.contains(.dryRun), let hint = insteadOfDryRun else { return }
    let why = self == .drill ? "a drill cannot be dry: it is a real run" : "\(rawValue) cannot be dry"
    throw CallFailure(.usage, code: "usage.option", message: why, hint: hint)
  }

  /// A wrong call; the hint is the right one unless there is a better.
  func failure(_ message: String, code: String = "usage.argument", hint: String? = nil) -> CallFailure {
    CallFailure(.usage, code: code, message: message, hint: hint ?? "usage: \(usage)")
  }
}

extension Option {
  /// The options that every command has.
  static let everywhere: [Option] = [.site, .dryRun, .yes, .reason, .json, .quiet, .noColor, .help]
}

extension Subcommand {
  /// Checks options and the number of words; throws `usage.option` and `usage.argument`.
  func check(_ given: [String], _ following: [String]) throws(CallFailure) {
    let known = Option.everywhere.map(\.rawValue) + options
    for option in given where !known.contains(option) {
      throw failure("\(name) has no option '--\(option)'", code: "usage.option")
    }
    if given.contains(Option.dryRun.rawValue), let insteadOfDryRun {
      throw CallFailure(.usage, code: "usage.option", message: "\(name) has no dry run", hint: insteadOfDryRun)
    }
    guard !count.contains(following.count) else { return }
    throw following.count > count.upperBound
      ? failure("unexpected argument '\(following[count.upperBound])'", code: "usage.argument")
      : failure("\(name) needs \(words)", code: "usage.argument")
  }

  private func failure(_ message: String, code: String) -> CallFailure {
    CallFailure(.usage, code: code, message: message, hint: "usage: \(usage)")
  }
}
