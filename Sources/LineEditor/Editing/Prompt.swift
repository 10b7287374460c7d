/// What stands before the entry, in coloured pieces.
package struct Prompt: Sendable, Equatable, ExpressibleByStringLiteral {
  /// A piece of a prompt in one style.
  package struct Piece: Sendable, Equatable {
    /// The text; control characters are dropped.
    package var text: String
    /// The parameters of an SGR sequence (ECMA-48 8.3.117), for example "1;31"; nil for plain.
    package var style: String?
  }

  /// The pieces from left to right.
  package var pieces: [Piece]

  /// Makes a prompt of one plain piece.
  package init(_ text: String) { pieces = [Piece(text: text, style: nil)] }

  /// Makes a prompt from a literal.
  package init(stringLiteral text: String) { self.init(text) }

  /// Makes a prompt of pieces, each with the parameters of its SGR sequence or nil.
  package init(_ pieces: [(text: String, style: String?)]) {
    self.pieces = pieces.map { Piece(text: $0.text, style: $0.style) }
  }

  /// The prompt without its colours.
  package var plain: String { pieces.map(\.text.printable).joined() }

  /// The prompt for libedit: escape runs stand between `\u{1}` bytes.
  ///
  /// libedit drops an escape run at the very end and mishandles two runs side by side. So a run always holds the
  /// reset and the next style together, and the last character always stands after the reset.
  func rendered(colours: Bool) -> String {
    guard colours else { return plain }
    var pieces = pieces.map { Piece(text: $0.text.printable, style: $0.style.flatMap(Self.parameters)) }
    pieces.removeAll { $0.text.isEmpty }
    if let last = pieces.indices.last, pieces[last].style != nil {
      let ending = pieces[last].text.hasSuffix(" ") ? String(pieces[last].text.removeLast()) : " "
      pieces.append(Piece(text: ending, style: nil))
      pieces.removeAll { $0.text.isEmpty }
    }
    var result = ""
    var current: String?
    for piece in pieces {
      if piece.style != current {
        let reset = current == nil ? "" : "\u{1B}[0m"
        let start = piece.style.map { "\u{1B}[\($0)m" } ?? ""
        result += "\u{1}" + reset + start + "\u{1}"
        current = piece.style
      }
      result += piece.text
    }
    return result
  }

  /// Accepts digits and semicolons only, so that a style cannot carry another sequence.
  private static func parameters(_ style: String) -> String? {
    !style.isEmpty && style.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x3B } ? style : nil
  }
}
