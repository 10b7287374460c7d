import CLuaBridge
import LuaSyntax
package import PrimitiveKit

/// Whether an entry at the prompt can run as it stands.
package enum Completeness: Sendable, Equatable {
  case complete
  /// More lines are needed, as after `do` or an open bracket.
  case incomplete
  case invalid(CallFailure)
}

extension LuaEngine {
  /// Compiles an entry without running it.
  ///
  /// Lua's own rule: an error at `<eof>` means that more may follow. The text is compiled with a line end, because an
  /// unfinished short string is then an error of its line and traps nobody.
  package nonisolated func completeness(of source: String, name: String = "=prompt") -> Completeness {
    let text: String
    do throws(CallFailure) {
      text = try CommandForm.rewrite(source, name: name) + "\n"
    } catch {
      return error.mark == .unclosed ? .incomplete : .invalid(error)
    }
    guard let expression = LuaState.complaint("return ", text, name), let statement = LuaState.complaint("", text, name)
    else { return .complete }
    if ClosingExpression.answered(text, name: name) != nil { return .complete }
    if expression.hasSuffix("<eof>") || statement.hasSuffix("<eof>") { return .incomplete }
    let failure = CallFailure(.invalid, .syntax, code: "lua.syntax", message: statement)
    return .invalid(CommandForm.restore(failure, source: source, rewritten: text))
  }
}

extension LuaState {
  /// Lua's message about a text that does not compile, or nil.
  static func complaint(_ prefix: String, _ source: String, _ name: String) -> String? {
    var message = [CChar](repeating: 0, count: 512)
    guard !opsh_lua_compiles(prefix, source, source.utf8.count, name, &message, message.count) else { return nil }
    return String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

extension CallFailure {
  /// A mistake of syntax in a file with a hint where to look for it; every other failure as it is.
  package var hintingAtSyntax: CallFailure {
    guard mark == .syntax, hint == nil else { return self }
    var failure = self
    failure.hint =
      message.hasSuffix("near <eof>")
      ? "the text ends too early: a block is missing its `end`, or a table or call its bracket"
      : "check the line before too: a missing comma, quote or `end` shows up only at the next word"
    return failure
  }
}
