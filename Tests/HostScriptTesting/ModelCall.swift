/// A command line of the host script, as the model reads it.
struct ModelCall {
  /// Why the script would not take it.
  struct Usage: Error { let message: String }

  let verb: String
  private let options: [String: String]

  private static let needs: [String: [String]] = [
    "facts": [], "inspect": [], "list": [], "epoch": [], "logs": ["bots"], "start": ["bots"], "stop": ["bots"],
    "restart": ["bots"], "swap": ["bots", "image", "digest"], "pull": ["image", "digest"],
    "exec": ["run", "bytes", "sha256"], "kill": ["run"], "forget": ["run"], "latch": [], "fence": ["epoch"],
    "look": ["to"], "place": ["run", "from", "to"],
  ]
  private static let texts: Set<String> = [
    "image", "source", "from", "to", "bits", "reset", "sha256", "mode", "who", "reason", "seen", "as-found",
    "after", "find", "like",
  ]
  private static let numbers: Set<String> = [
    "stop", "settle", "login-wait", "jitter", "epoch", "lines", "wait", "bytes", "limit", "at",
    "age",
  ]

  init(_ arguments: [String]) throws(Usage) {
    var words = arguments[...]
    verb = words.popFirst() ?? ""
    guard var needed = Self.needs[verb] else { throw Usage(message: "unknown verb \(verb)") }
    var options: [String: String] = [:]
    while let name = words.popFirst() {
      if name == "--lift" || name == "--private" {
        options[String(name.dropFirst(2))] = "yes"
        continue
      }
      guard let value = words.popFirst() else { throw Usage(message: "\(name) needs a value") }
      try Self.check(String(name.dropFirst(2)), value)
      options[String(name.dropFirst(2))] = value
    }
    if verb == "latch", options["lift"] != nil || options["mode"] != nil { needed = ["bots"] }
    if verb == "exec", options["private"] != nil { needed = ["run"] }
    for name in needed where options[name, default: ""].isEmpty { throw Usage(message: "\(verb) needs --\(name)") }
    if needed.contains("digest"), options["digest"]?.count != 71 { throw Usage(message: "\(verb) needs --digest") }
    self.options = options
  }

  private static func check(_ name: String, _ value: String) throws(Usage) {
    if texts.contains(name) || name == "digest" { return }
    if numbers.contains(name) {
      guard Int(value) != nil, value == "0" || !value.hasPrefix("0") else {
        throw Usage(message: "--\(name) takes a whole number")
      }
    } else if name == "bots" {
      let isName = value.split(separator: " ").allSatisfy { isWord($0) && !$0.hasSuffix("-prev") }
      guard isName else { throw Usage(message: "--bots takes names") }
    } else if name == "run" || name == "journal" {
      guard isWord(value[...]) else { throw Usage(message: "--\(name) takes a name") }
    } else {
      throw Usage(message: "unknown option --\(name)")
    }
  }

  private static func isWord(_ text: Substring) -> Bool {
    guard let first = text.first, first.isLetter || first.isNumber else { return false }
    return text.allSatisfy { $0.isLetter || $0.isNumber || "._-".contains($0) }
  }

  /// The value of an option; empty when it was not given.
  subscript(name: String) -> String { options[name, default: ""] }

  var bots: [String] { self["bots"].split(separator: " ").map(String.init) }
  /// The bots of another option.
  func bots(found name: String) -> [String] { self[name].split(separator: " ").map(String.init) }
  var run: String { self["run"] }
  var digest: String { self["digest"] }

  /// What a ticket stands for: everything but the lease.
  var identity: String {
    let same = options.filter { !["epoch", "journal", "age", "private"].contains($0.key) }.sorted { $0.key < $1.key }
    return ([verb] + same.map { "--\($0.key) \($0.value)" }).joined(separator: " ")
  }

  /// Whether a ticket is this run's, or that of one of its changes.
  func covers(_ ticket: String) -> Bool {
    guard !ticket.isEmpty, ticket.hasPrefix(run) else { return false }
    let rest = ticket.dropFirst(run.count)
    return rest.isEmpty || rest.hasPrefix("-") && !rest.dropFirst().contains("-")
  }
}
