/// Judges text by the exposition format of Prometheus, version 0.0.4, more strictly than `promtool check metrics` does:
/// that one lets a sample stand twice and a family be split, and then the scrape fails.
struct ExpositionFormat {
  private var problems: [String] = []
  private var helps: Set<String> = []
  private var types: [String: String] = [:]
  private var closed: Set<String> = []
  private var samples: Set<String> = []
  private var current = ""

  /// What is wrong with a text, a sentence each; empty when nothing is.
  static func problems(of text: String) -> [String] {
    var format = ExpositionFormat()
    if !text.hasSuffix("\n") { format.problems.append("the last line does not end") }
    // A carriage return and a line feed are one character to Swift.
    if text.unicodeScalars.contains("\r") { format.problems.append("it has a carriage return") }
    let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
    for line in lines { format.take(line) }
    for name in format.samples.map({ String($0.prefix { $0 != "{" && $0 != " " }) }) where !format.helps.contains(name)
    {
      format.problems.append("\(name) has no HELP")
    }
    return format.problems
  }

  private mutating func take(_ line: String) {
    let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: true).map(String.init)
    if line.hasPrefix("#") {
      guard words.count > 2, words[0] == "#", ["HELP", "TYPE"].contains(words[1]) else { return }
      describe(words[1], words[2], words.count > 3 ? words[3] : "")
    } else {
      sample(line)
    }
  }

  private mutating func describe(_ what: String, _ name: String, _ text: String) {
    begin(name)
    if samples.contains(where: { $0.hasPrefix("\(name){") || $0 == name }) {
      problems.append("\(what) of \(name) comes after a sample")
    }
    if what == "HELP" {
      if !helps.insert(name).inserted { problems.append("HELP of \(name) stands twice") }
      if text.isEmpty { problems.append("HELP of \(name) says nothing") }
      return
    }
    if types.updateValue(text, forKey: name) != nil { problems.append("TYPE of \(name) stands twice") }
    if !["counter", "gauge", "histogram", "summary", "untyped"].contains(text) {
      problems.append("\(name) has the type '\(text)'")
    }
    if text == "counter", !name.hasSuffix("_total") { problems.append("the counter \(name) does not end in _total") }
    if text == "gauge", name.hasSuffix("_total") { problems.append("the gauge \(name) ends in _total") }
  }

  /// A family stands together.
  private mutating func begin(_ name: String) {
    let isName = name.wholeMatch(of: /[a-zA-Z_:][a-zA-Z0-9_:]*/) != nil
    if !isName { problems.append("'\(name)' is no name of a metric") }
    if name.contains(/[a-z][A-Z]/) || name.contains("milliseconds") {
      problems.append("\(name) is against the customs")
    }
    if name != current {
      if closed.contains(name) { problems.append("the family \(name) is split") }
      closed.insert(current)
      current = name
    }
  }

  private mutating func sample(_ line: String) {
    let name = String(line.prefix { $0 != "{" && $0 != " " })
    begin(name)
    if types[name] == nil { problems.append("\(name) has no TYPE before its sample") }
    var rest = line.dropFirst(name.count)
    var labels: [String: String] = [:]
    if rest.hasPrefix("{") {
      rest = rest.dropFirst()
      while let match = rest.prefixMatch(of: /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\"n])*)",?/) {
        if labels.updateValue(String(match.2), forKey: String(match.1)) != nil {
          problems.append("the label \(match.1) stands twice: \(line)")
        }
        rest = rest[match.range.upperBound...]
      }
      guard rest.hasPrefix("}") else { return problems.append("labels that cannot be read: \(line)") }
      rest = rest.dropFirst()
    }
    let words = rest.split(separator: " ")
    let isNumber = words.first.map { Double($0) != nil || ["+Inf", "-Inf", "NaN"].contains($0) } ?? false
    if !rest.hasPrefix(" ") || words.count != 1 || !isNumber { problems.append("no number: \(line)") }
    let key = "\(name){\(labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ","))"
    if !samples.insert(key).inserted { problems.append("the sample stands twice: \(line)") }
  }
}
