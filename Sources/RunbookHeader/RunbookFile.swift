package import LuaRuntime
import LuaSyntax
package import PrimitiveKit

/// A file that holds a runbook, loaded.
package struct RunbookFile: Sendable {
  package let path: String
  package let source: String
  /// The SHA-256 of the bytes, in hexadecimal digits.
  package let sha256: String
  package let header: RunbookHeader
  /// What the file returned, functions included.
  package let module: LuaField
  /// What its code may do, where a plugin offers it; nil for a runbook of the operator.
  package let authority: LuaAuthority?

  /// Instructions that loading may take: a runbook only describes.
  package static let budget = 1_000_000

  /// The name of the runbook, from the path of its file.
  package var name: String { RunbookFile.name(of: path) }

  /// Runs the file, which may call no primitive, and reads its header.
  ///
  /// Throws `runbook.header`, `call.effect` when loading calls a primitive, and what Lua says of the file.
  package static func load(
    _ source: String,
    path: String,
    engine: LuaEngine,
    authority: LuaAuthority? = nil
  ) async throws(CallFailure) -> RunbookFile {
    let module = try await evaluate(source, path: path, engine: engine, authority: authority)
    return RunbookFile(
      path: path,
      source: source,
      sha256: SHA256(hashing: source.utf8).hex,
      header: try RunbookHeader(decoding: module, file: path, source: source),
      module: module,
      authority: authority
    )
  }

  /// Runs the file, which may call no primitive, and answers what it returns.
  package static func evaluate(
    _ source: String,
    path: String,
    engine: LuaEngine,
    authority: LuaAuthority? = nil
  ) async throws(CallFailure) -> LuaField {
    let context = CallContext(allowed: [], name: "loading \(path)")
    let result = await CallContext.$current.withValue(context) {
      do throws(CallFailure) {
        return Result<LuaField, CallFailure>.success(
          try await engine.load(
            module: executable(source),
            name: "@\(path)",
            authority: authority,
            instructionBudget: budget
          )
        )
      } catch {
        return .failure(error.hintingAtSyntax)
      }
    }
    return try result.get()
  }

  /// The text as Lua can read it: a `#!` line is blank, so that line numbers stay right and hashes are of the whole file.
  package static func executable(_ source: String) -> String {
    source.hasPrefix("#") ? String(source.drop { !$0.isNewline }) : source
  }

  /// The name of the runbook in a file; that of one which a plugin offers begins with the plugin, as `desk/open`.
  package static func name(of path: String) -> String {
    let parts = path.split(separator: "/").map(String.init)
    let file = parts.last ?? path
    let name = file.hasSuffix(".lua") ? String(file.dropLast(4)) : file
    let isOfPlugin = parts.count >= 4 && parts[parts.count - 2] == "runbooks" && parts[parts.count - 4] == "plugins"
    return isOfPlugin ? "\(parts[parts.count - 3])/\(name)" : name
  }
}

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
