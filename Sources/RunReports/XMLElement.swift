import Foundation

/// An element of an XML document, written with one space of indentation a level.
struct XMLElement {
  let name: String
  var attributes: [(name: String, value: String)] = []
  var text = ""
  var children: [XMLElement] = []

  /// The element and what it holds, as lines.
  func lines(indent: Int = 0) -> [String] {
    let space = String(repeating: "  ", count: indent)
    let head = attributes.reduce("\(space)<\(name)") {
      $0 + " \($1.name)=\"\(XMLElement.escaped($1.value, "\n\t\r\""))\""
    }
    if children.isEmpty, text.isEmpty { return ["\(head)/>"] }
    // White space within text counts, so its element stays on one line.
    guard !children.isEmpty else { return ["\(head)>\(XMLElement.escaped(text, "\r"))</\(name)>"] }
    return ["\(head)>"] + children.flatMap { $0.lines(indent: indent + 1) } + ["\(space)</\(name)>"]
  }

  /// Text for XML 1.0: what cannot stand there, such as control characters, becomes the replacement character.
  ///
  /// `numbered` characters are written as their number, because a reader would change them.
  private static func escaped(_ text: String, _ numbered: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case _ where numbered.unicodeScalars.contains(scalar): result += "&#\(scalar.value);"
      case "\t", "\n", "\r", "\u{20}"..."\u{D7FF}", "\u{E000}"..."\u{FFFD}", "\u{10000}"..."\u{10FFFF}":
        result.unicodeScalars.append(scalar)
      default: result += "\u{FFFD}"
      }
    }
    return result
  }
}
