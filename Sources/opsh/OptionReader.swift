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
    CallFailure(code: "usage.option", message: message, hint: hint ?? "`opsh --help` lists the options")
  }
}
