package import PrimitiveKit

/// The command form `fleet.deploy<target="all">`, which means `fleet.deploy{target="all"}`.
///
/// A rewrite of source text that applies only where Lua could not parse: a name, `<`, then `key =` or `>`. It changes
/// single bytes in place, so every line and column stays where it was. A field named `break`, which is a keyword,
/// becomes `lock["break"]`: its line grows by three bytes, and no line moves.
package enum CommandForm {
  /// The source with `<…>` of command forms replaced by `{…}`, `.break` quoted, and a first line that begins
  /// with `#!` blanked.
  ///
  /// Throws `lua.unclosed` for a form without its `>` at the end of the text, `lua.syntax` for one that a bracket ends.
  package static func rewrite(_ source: String, name: String) throws(CallFailure) -> String {
    var scanner = CommandFormScanner(source)
    scanner.blankFirstLine()
    if let open = scanner.scan() {
      let chunk = name.first == "@" || name.first == "=" ? String(name.dropFirst()) : "text"
      let position = "\(chunk):\(open.line)"
      throw CallFailure(
        .invalid,
        open.isAtEnd ? .unclosed : .syntax,
        code: open.isAtEnd ? "lua.unclosed" : "lua.syntax",
        message: "\(position): '\(open.callee)<' at column \(open.column) has no closing '>'",
        hint: "write `\(open.callee)<name=value, …>`",
        trace: [position]
      )
    }
    return scanner.hasChanges ? scanner.text : source
  }

  /// A syntax error in the operator's own spelling: `>` where the rewritten line has a `}`.
  package static func restore(_ failure: CallFailure, source: String, rewritten: String) -> CallFailure {
    guard failure.mark == .syntax, source != rewritten, !source.contains("}"), !source.contains("{") else {
      return failure
    }
    var restored = failure
    restored.message = failure.message.split(separator: "'}'", omittingEmptySubsequences: false)
      .joined(separator: "'>'").split(separator: "'{'", omittingEmptySubsequences: false).joined(separator: "'<'")
    return restored
  }
}
