import LuaSyntax
import PrimitiveKit

extension RunbookFile {
  /// Whether a Lua text is a runbook; nothing of it is run.
  ///
  /// It is when its last statement returns a table, or a local name that stands for one, with the fields `version` and
  /// `run`. A text that is not Lua is no runbook.
  package static func isRunbook(_ text: String) -> Bool {
    guard let source = try? CommandForm.rewrite(text, name: "=text"), let block = try? LuaParser.parse(source) else {
      return false
    }
    return RunbookTree(block, LuaBindings(block))?.isRunbook ?? false
  }
}
