package import PrimitiveKit

/// Puts what an operator may do next as it works where it is read: a call at the prompt, a command in a shell.
///
/// Advice is written where something fails, which may be reached from both.
package struct NextSteps: Sendable {
  private let isPrompt: Bool
  /// The primitives that can be called without arguments, and those that need some.
  private let primitives: [String: Bool]

  /// Takes the primitives whose calls a shell writes as `opsh -e '…'`.
  package init(_ infos: [PrimitiveInfo], isPrompt: Bool) {
    self.isPrompt = isPrompt
    primitives =
      isPrompt
      ? [:]
      : Dictionary(
        infos.map { ($0.name, $0.parameters.allSatisfy { !$0.isRequired }) },
        uniquingKeysWith: { first, _ in first }
      )
  }

  /// The text with its commands or calls as they are typed here.
  package func adapted(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { isPrompt ? Self.calls(String($0)) : commands(String($0)) }.joined(separator: "\n")
  }

  /// What happened, in words that may name a command in backquotes.
  func saidIn(_ text: String) -> String { isPrompt ? Self.said(text) : text }

  /// The text of what is said, where only commands in backquotes are advice.
  package static func said(_ text: String) -> String { text.contains("`opsh ") ? calls(text) : text }

  /// What to type at a prompt instead of a command line of the shell; nil for a text that is none.
  package static func hint(insteadOf text: String) -> String? {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    guard line.hasPrefix("opsh ") else { return nil }
    let call = calls("`\(line)`")
    return call == "`\(line)`" ? "type it in a shell; `help()` lists what can be called here" : "type \(call) here"
  }

  // MARK: At the prompt

  /// Commands that are primitives too, as calls.
  private static func calls(_ text: String) -> String {
    guard text.contains("opsh ") else { return text }
    return text.replacing(/`?opsh (resume|rollback) ([\w-]+)`?/) { "`\($0.1)(\"\($0.2)\")`" }
      .replacing(/`?opsh fork ([\w-]+) --from "([^"`]+)"`?/) { "`fork(\"\($0.1)\", \"\($0.2)\")`" }
      .replacing(/`opsh lift (\S+) --reason …`/) { "`fleet.lift(\"\($0.1)\", \"…\")`" }
      .replacing(/`opsh drill (\S+)`/) { "`runbook.drill(\"\($0.1)\")`" }
      .replacing(/`opsh audit verify`/) { _ in "`audit.verify()`" }
      .replacing(/`opsh runs`/) { _ in "`runs()`" }
      .replacing(/usage: opsh (\S+)\.lua((?: \S+)*)/) { match in
        let parts = match.1.split(separator: "/")
        let isOfPlugin = parts.count > 3 && parts.suffix(2).first == "runbooks" && parts.suffix(4).first == "plugins"
        let name = (isOfPlugin ? [parts[parts.count - 3], parts[parts.count - 1]] : parts.suffix(1)).joined(
          separator: "/"
        )
        let words = match.2.split(separator: " ").joined(separator: ", ")
        return "usage: runbook.run<name=\"\(name)\"\(words.isEmpty ? "" : ", arguments={ \(words) }")>"
      }
  }

  // MARK: In a shell

  /// Calls of primitives as commands; a call that only names a primitive stays.
  private func commands(_ text: String) -> String {
    // A declaration is no call.
    guard !text.hasPrefix("usage: ") else { return text }
    return text.replacing(/`((?:[a-z_]+\.)*[a-z_]+)(\{[^`]*\})`/) { match in
      let call = String(match.1 + match.2)
      return primitives[String(match.1)] == nil ? String(match.0) : "`opsh -e \(ShellQuote.word(call))`"
    }
    .replacing(/`?\b((?:[a-z_]+\.)*[a-z_]+)(\((?:[^()`]*)\))`?/) { match in
      let (name, arguments) = (String(match.1), String(match.2.dropFirst().dropLast()))
      guard let command = command(name, arguments) else { return String(match.0) }
      return "`\(command)`"
    }
  }

  private func command(_ name: String, _ arguments: String) -> String? {
    let isId = arguments.wholeMatch(of: /"[\w-]+"/) != nil
    switch name {
    case "resume" where isId, "rollback" where isId: return "opsh \(name) \(arguments.dropFirst().dropLast())"
    case "runs" where arguments.isEmpty: return "opsh runs"
    default:
      guard let isBare = primitives[name], isBare || !arguments.isEmpty else { return nil }
      return "opsh -e \(ShellQuote.word("\(name)(\(arguments))"))"
    }
  }
}
