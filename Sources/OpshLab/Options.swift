/// The options of `opsh-lab`; they may stand before, between and after the words.
struct Options: Equatable {
  var directory: String?
  var hosts: Int?
  var botsPerHost: Int?
  var port: Int?
  var staging: Bool?
  var system: String?
  var json = false
  var help = false
  var words: [String] = []

  init(_ arguments: [String]) throws(LabError) {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let inline = parts.count == 2 ? parts[1] : nil
      switch parts.first ?? "" {
      case "--dir":
        directory = try Self.text(inline, &rest, "--dir")
        if directory == "" { throw .usage("--dir needs a directory") }
      case "--hosts": hosts = try Self.number(inline, &rest, "--hosts")
      case "--bots-per-host": botsPerHost = try Self.number(inline, &rest, "--bots-per-host")
      case "--port":
        let number = try Self.number(inline, &rest, "--port")
        if !(1...65535).contains(number) { throw .count(what: "--port", given: number, allowed: 1...65535) }
        port = number
      case "--system": system = try Self.text(inline, &rest, "--system")
      case "--staging" where inline == nil: staging = true
      case "--no-staging" where inline == nil: staging = false
      case "--json" where inline == nil: json = true
      case "--help" where inline == nil, "-h" where inline == nil: help = true
      case let word where word.hasPrefix("-"): throw .usage("unknown option '\(argument)'")
      default: words.append(argument)
      }
    }
  }

  private static func text(
    _ inline: String?,
    _ rest: inout ArraySlice<String>,
    _ name: String
  ) throws(LabError) -> String {
    if let value = inline ?? rest.popFirst() { return value }
    throw .usage("\(name) needs a value")
  }

  private static func number(
    _ inline: String?,
    _ rest: inout ArraySlice<String>,
    _ name: String
  ) throws(LabError) -> Int {
    let value = try text(inline, &rest, name)
    guard let number = Int(value) else { throw .usage("\(name) needs a number, not '\(value)'") }
    return number
  }
}
