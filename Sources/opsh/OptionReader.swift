import COptions
import Glibc
import PrimitiveKit

/// The options of opsh, declared once for parsing and for `--help`.
enum Option: String, CaseIterable {
  case code = "execute"
  case site
  case dryRun = "dry-run"
  case yes
  case reason
  case planOut = "plan-out"
  case apply
  case onFailure = "on-failure"
  case approval
  case record
  case recordValues = "record-values"
  case replay
  case junit
  case report
  case withNew = "with-new"
  case from
  case fix
  case strict
  case out
  case key
  case expires
  case uses
  case json
  case quiet
  case noColor = "no-color"
  case catalog
  case version
  case help

  var letter: Character? {
    switch self {
    case .code: "e"
    case .yes: "y"
    case .quiet: "q"
    case .help: "h"
    default: nil
    }
  }

  /// What the value is called in the help; nil for a switch.
  var valueName: String? {
    switch self {
    case .code: "CODE"
    case .site: "FILE"
    case .reason: "TEXT"
    case .planOut, .apply, .approval, .junit, .report, .out, .key: "FILE"
    case .record, .replay: "DIR"
    case .onFailure: "WHAT"
    case .from: "STEP"
    case .expires: "TIME"
    case .uses: "N"
    default: nil
    }
  }

  var help: String {
    switch self {
    case .code: "run the code and show its results; may be given several times"
    case .site: "the site file (else $OPSH_SITE, ./site.lua, ~/.config/opsh/site.lua)"
    case .dryRun: "read for real, change nothing, print the plan"
    case .yes: "take confirmations as given, where the site allows it"
    case .reason: "why, for changes that must say so"
    case .planOut: "write a runbook's plan to a file"
    case .apply: "carry a runbook out only if this plan still holds"
    case .onFailure: "when a step of a runbook fails and nobody is asked: stop, rollback or skip"
    case .approval: "a detached approval, as `opsh approve --out` writes it"
    case .record: "keep what a dry run reads, for --replay"
    case .recordValues: "with --record: keep ids and money as they are, not as pseudonyms"
    case .replay: "answer the reads of a dry run from a recording (else that of the site): no fleet is needed"
    case .junit: "write a JUnit report of the runbooks"
    case .report: "write a JSON report of the runbooks"
    case .withNew: "resume with the present text of the runbook"
    case .from: "the first step that a forked run does anew"
    case .fix: "lint: write runbooks/VERSIONS"
    case .strict: "lint: warnings are failures too"
    case .out: "approve: write the approval to a file"
    case .key: "approve, sign: the private key, or its public half for the agent"
    case .expires: "approve: how long it is good, for example 2h"
    case .uses: "approve: how often it may be used"
    case .json: "print events as JSON Lines"
    case .quiet: "print only errors and what the script prints"
    case .noColor: "print without colours (so does a NO_COLOR in the environment)"
    case .catalog: "print all primitives as JSON"
    case .version: "print the version"
    case .help: "print this"
    }
  }
}

/// Splits a command line into options and the rest, by getopt_long(3).
enum OptionReader {
  static func read(_ words: [String]) throws(CallFailure) -> (options: [(Option, String)], rest: [String]) {
    let options = Option.allCases
    let names = options.map { strdup($0.rawValue) }
    var argv = words.map { strdup($0) } + [nil]
    defer { for pointer in names + argv { free(pointer) } }
    let declared = zip(options, names).map { option, name in
      opsh_option(
        name: name,
        letter: CChar(option.letter?.asciiValue ?? 0),
        takes_value: option.valueName != nil
      )
    }

    var found: [(Option, String)] = []
    opsh_options_begin()
    while true {
      var pointer: UnsafePointer<CChar>?
      let index = opsh_options_next(CInt(words.count), &argv, declared, declared.count, &pointer)
      let text = pointer.map { String(cString: $0) } ?? ""
      switch Int(index) {
      case options.indices: found.append((options[Int(index)], text))
      case OPSH_OPTION_END:
        let rest = argv[Int(opsh_options_rest())...].compactMap { $0.map { String(cString: $0) } }
        return (found, rest)
      case OPSH_OPTION_LACKS_VALUE: throw failure("'\(text)' needs a value", nil)
      case OPSH_OPTION_UNWANTED_VALUE: throw failure("'\(text)' takes no value", nil)
      default: throw failure("there is no option '\(text)'", nearest(to: text))
      }
    }
  }

  private static func nearest(to text: String) -> String? {
    let name = text.prefix { $0 != "=" }.drop { $0 == "-" }
    let near = NearestName.nearest(to: String(name), in: Option.allCases.map(\.rawValue), limit: 1)
    return near.first.map { "did you mean '--\($0)'?" }
  }

  private static func failure(_ message: String, _ hint: String?) -> CallFailure {
    CallFailure(.usage, code: "usage.option", message: message, hint: hint ?? "`opsh --help` lists the options")
  }
}
