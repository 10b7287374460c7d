import COptions
import Glibc
import PrimitiveKit

/// Splits a command line into options and the rest, by getopt_long(3).
enum OptionReader {
  /// Reads the words of a command line, the program's name first; options that are declared twice are declared alike.
  ///
  /// Throws `usage.option`.
  static func read(_ words: [String], _ declared: [CommandArgumentInfo]) throws(CallFailure) -> CommandWords {
    var seen: Set<String> = []
    let options = declared.filter { seen.insert($0.name).inserted }
    let names = options.map { strdup($0.name) }
    var argv = words.map { strdup($0) } + [nil]
    defer { for pointer in names + argv { free(pointer) } }
    let table = zip(options, names).map { option, name in
      opsh_option(name: name, letter: CChar(option.letter?.asciiValue ?? 0), takes_value: option.place == .option)
    }

    var found: [String: [String]] = [:]
    opsh_options_begin()
    while true {
      var pointer: UnsafePointer<CChar>?
      let index = opsh_options_next(CInt(words.count), &argv, table, table.count, &pointer)
      let text = pointer.map { String(cString: $0) } ?? ""
      switch Int(index) {
      case options.indices: found[options[Int(index)].name, default: []].append(text)
      case OPSH_OPTION_END:
        let rest = argv[Int(opsh_options_rest())...].compactMap { $0.map { String(cString: $0) } }
        return CommandWords(words: rest, options: found)
      case OPSH_OPTION_LACKS_VALUE: throw failure("'\(text)' needs a value", nil)
      case OPSH_OPTION_UNWANTED_VALUE: throw failure("'\(text)' takes no value", nil)
      default: throw failure("unknown option '\(text)'", nearest(to: text, in: options))
      }
    }
  }

  private static func nearest(to text: String, in options: [CommandArgumentInfo]) -> String? {
    let name = text.prefix { $0 != "=" }.drop { $0 == "-" }
    let near = NearestName.nearest(to: String(name), in: options.map(\.name), limit: 1)
    return near.first.map { "did you mean '--\($0)'?" }
  }

  private static func failure(_ message: String, _ hint: String?) -> CallFailure {
    CallFailure(.usage, code: "usage.option", message: message, hint: hint ?? "`opsh --help` lists the options")
  }
}
