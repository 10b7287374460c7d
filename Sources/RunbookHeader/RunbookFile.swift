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

  /// Instructions that loading may take: a runbook only describes.
  package static let budget = 1_000_000

  /// The name of the runbook: its file's, without folders and `.lua`.
  package var name: String { RunbookFile.name(of: path) }

  /// Runs the file, which may call no primitive, and reads its header.
  ///
  /// Throws `runbook.header`, `call.effect` when loading calls a primitive, and what Lua says of the file.
  package static func load(_ source: String, path: String, engine: LuaEngine) async throws(CallFailure) -> RunbookFile {
    let module = try await evaluate(source, path: path, engine: engine)
    return RunbookFile(
      path: path,
      source: source,
      sha256: SHA256(hashing: source.utf8).hex,
      header: try RunbookHeader(decoding: module, file: path, source: source),
      module: module
    )
  }

  /// Runs the file, which may call no primitive, and answers what it returns.
  package static func evaluate(_ source: String, path: String, engine: LuaEngine) async throws(CallFailure) -> LuaField
  {
    let context = CallContext(allowed: [], name: "loading \(path)")
    let result = await CallContext.$current.withValue(context) {
      do throws(CallFailure) {
        return Result<LuaField, CallFailure>.success(
          try await engine.load(module: executable(source), name: "@\(path)", instructionBudget: budget)
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

  /// The name of the runbook in a file.
  package static func name(of path: String) -> String {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    return file.hasSuffix(".lua") ? String(file.dropLast(4)) : file
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
