/// A cursor among the arguments of a runbook: `runbook.run<name="deploy", arguments={ target="st`.
struct RunbookPlace {
  let name: String
  /// What stands between the brace and the cursor.
  let arguments: Substring
  /// Where that begins, in UTF-8 units.
  let start: Int

  /// Nil where the text does not end within the braces of such a call.
  init?(_ text: String) {
    let call = #/runbook\.(?:run|drill)\s*[<({]\s*\{?\s*(?:name\s*=\s*)?["']([^"']+)["'][^}]*?arguments\s*=\s*\{/#
    guard let match = text.matches(of: call).last else { return nil }
    name = String(match.1)
    arguments = text[match.range.upperBound...]
    start = text[..<match.range.upperBound].utf8.count
    guard RunbookPlace.isOpen(arguments) else { return nil }
  }

  /// Whether no brace closes what was opened before the text.
  private static func isOpen(_ text: Substring) -> Bool {
    var depth = 0
    var quote: Character?
    var isEscaped = false
    for character in text {
      if let end = quote {
        if !isEscaped, character == end { quote = nil }
        isEscaped = !isEscaped && character == "\\"
        continue
      }
      switch character {
      case "\"", "'": quote = character
      case "{": depth += 1
      case "}": depth -= 1
      default: break
      }
      if depth < 0 { return false }
    }
    return true
  }
}
