import LuaSyntax
import PrimitiveKit

extension LintContext {
  private static let words = "give a list of words; opsh quotes them: cmd = { \"systemctl\", \"restart\", unit }"

  /// Commands that kill by pattern, or that are put together from texts (RX-06).
  func checkCommand(_ call: LintCall) {
    guard let command = call.arguments["cmd"] else { return }
    for literal in bindings.unfolded(command) {
      guard let text = literal.text else { continue }
      if let program = LintContext.patternKill(in: text) {
        add(
          .patternKill,
          literal.span,
          "\(call.info.name) runs \(program), which kills whatever matches",
          hint: "stop the bots by name with fleet.stop, or kill a pid read from a file"
        )
      }
      if LintContext.isNested(text) {
        let message = "\(call.info.name) runs a shell inside a shell, so quotes are parsed twice"
        add(.shellQuoting, literal.span, message, hint: LintContext.words)
      }
    }
    if isPutTogether(command) {
      let message = "\(call.info.name) runs a command built by joining strings"
      add(.shellQuoting, command.span, message, hint: LintContext.words)
    }
  }

  private func isPutTogether(_ command: LuaExpression) -> Bool {
    if case .table(let fields) = bindings.resolved(command).kind { return isShell(fields) }
    let parts = bindings.unfolded(command) { part in
      if case .binary = part.kind { true } else { false }
    }
    let isJoined = parts.contains { if case .binary(.concatenate, _, _) = $0.kind { true } else { false } }
    if isJoined, !parts.allSatisfy(isFixed) { return true }
    return parts.contains(where: isFormat)
  }

  // { "sh", "-c", "rm " .. path } is no better than the text alone.
  private func isShell(_ fields: [LuaTableField]) -> Bool {
    let words = fields.map(\.value)
    guard words.count > 2, words[1].text?.hasSuffix("c") == true, words[1].text?.hasPrefix("-") == true,
      ["sh", "bash", "dash", "zsh"].contains(words[0].text?.split(separator: "/").last.map(String.init) ?? "")
    else { return false }
    return isPutTogether(words[2])
  }

  private func isFormat(_ expression: LuaExpression) -> Bool {
    switch expression.kind {
    case .call(let callee, _): ["string.format", "table.concat"].contains(bindings.path(callee))
    case .method(_, let name, _): name.text == "format"
    default: false
    }
  }

  private func isFixed(_ expression: LuaExpression) -> Bool {
    switch expression.kind {
    case .string, .integer, .number, .binary: true
    case .name: bindings.variable(bindings.resolved(expression)) == nil && bindings.path(expression) == nil
    default: false
    }
  }

  /// The program in a command that picks processes by pattern.
  static func patternKill(in command: String) -> String? {
    let words = command.split { !$0.isLetter && !$0.isNumber && !"-_.".contains($0) }
    return ["pkill", "killall"].first { name in words.contains { $0 == name } }
  }

  /// Whether a command hands a quoted text to another shell.
  static func isNested(_ command: String) -> Bool {
    let words = command.split(separator: " ")
    for (index, word) in words.enumerated().dropLast(2) {
      let program = word.split(separator: "/").last.map(String.init) ?? ""
      guard ["sh", "bash", "dash", "zsh", "ssh", "su"].contains(program) else { continue }
      let rest = words[(index + 1)...].joined(separator: " ")
      guard program == "ssh" || rest.contains("-c ") || rest.contains("-lc ") else { continue }
      if rest.contains("'") || rest.contains("\"") { return true }
    }
    return false
  }
}
