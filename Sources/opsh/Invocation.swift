import PrimitiveKit

/// What the command line asks for.
struct Invocation: Equatable {
  enum Action: Equatable {
    case prompt
    /// Runs a script file.
    case file(String)
    /// Runs pieces of code one after the other.
    case code([String])
    /// Runs a script from standard input.
    case standardInput
    case catalog
    case version
    case help
  }

  var action = Action.prompt
  /// The `name=value` words, for the script's `args`.
  var arguments: [String: String] = [:]
  var site: String?
  var isJSON = false
  var isQuiet = false
  var declinesColor = false
  var session = SessionOptions()
}

extension Invocation {
  /// Reads the words of a command line, the program's name first.
  ///
  /// Throws `usage.option` and `usage.argument`.
  init(_ words: [String]) throws(CallFailure) {
    var code: [String] = []
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
      case .help: action = .help
      }
    }
    try read(rest, code)
  }

  private mutating func read(_ rest: [String], _ code: [String]) throws(CallFailure) {
    var rest = rest[...]
    switch action {
    case .catalog, .version, .help: break
    default:
      if !code.isEmpty {
        action = .code(code)
      } else if let file = rest.popFirst() {
        action = file == "-" ? .standardInput : .file(file)
      }
    }
    for word in rest {
      guard let equals = word.firstIndex(of: "="), equals > word.startIndex else {
        throw CallFailure(
          code: "usage.argument",
          message: "what follows the script is name=value, got '\(word)'",
          hint: "for example: opsh runbooks/reset.lua target=staging"
        )
      }
      arguments[String(word[..<equals])] = String(word[word.index(after: equals)...])
    }
    if action == .prompt, isJSON {
      throw CallFailure(
        code: "usage.option",
        message: "--json needs a script: the prompt is for people",
        hint: "opsh --json -e CODE, or opsh --json FILE.lua"
      )
    }
  }
}
