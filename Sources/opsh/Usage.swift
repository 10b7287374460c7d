import Reference

/// The text of `--help`.
enum Usage {
  static var text: String {
    var options = TextTable()
    for option in Option.allCases {
      let letter = option.letter.map { "-\($0)," } ?? "   "
      let value = option.valueName.map { " \($0)" } ?? ""
      options.add(["\(letter) --\(option.rawValue)\(value)", option.help])
    }
    return """
      opsh: the operator's shell for fleets of bots

      usage:
        opsh [options]                            a prompt
        opsh [options] FILE.lua [name=value …]    runs a script; `args.name` is the value
        opsh [options] -e CODE                    runs code and shows its results
        opsh [options] -                          runs a script from standard input

      options:
      \(options.lines(indent: 2, within: WrappedText.columns).joined(separator: "\n"))

      exit codes: 0 ok · 1 failures within budget · 2 budget breached · 3 plan inexact · 4 too many unreachable
        5 interrupted · 6 lock refused · 7 rolled back · 8 rollback failed · 9 unknown outcomes
        64 usage · 65 script or data invalid · 70 internal error · 130 cancelled with nothing begun
      """
  }
}
