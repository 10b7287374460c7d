/// Rewrites a script so that a dry run notices every decision it makes with a value that is not known yet.
///
/// Metamethods see most uses of such a value, but not whether it is true, what it is equal to, or that it is a key.
/// The rewritten text hands those to operators that the engine keeps in a hidden field of strings; a local variable
/// holds them whose name is nowhere in the text. Every token keeps its line. Where nothing is unknown, the operators
/// do what Lua does, errors included.
package enum LuaTracing {
  /// The field of strings that holds the operators while a run traces.
  static let field = #"\0opsh"#

  /// The traced form of a chunk; the chunk itself when it decides nothing or is no Lua, which Lua then says.
  ///
  /// An entry of the prompt may be an expression; its traced form returns it.
  package static func instrument(_ text: String, isEntry: Bool = false) -> String {
    if isEntry, let block = try? LuaParser.parse("return \(text)") {
      return instrument("return \(text)", block) ?? text
    }
    guard let block = try? LuaParser.parse(text) else { return text }
    return instrument(text, block) ?? text
  }

  /// The traced form of a chunk that is not UTF-8: every byte stands for itself in the meantime.
  package static func instrument(_ bytes: [UInt8]) -> [UInt8] {
    let text = String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    return instrument(text).unicodeScalars.flatMap { scalar in
      UInt8(exactly: scalar.value).map { [$0] } ?? Array(String(scalar).utf8)
    }
  }

  private static func instrument(_ text: String, _ block: LuaBlock) -> String? {
    var name = "_opsh"
    while text.contains(name) { name += "_" }
    var writer = TracingWriter(text, LuaScopes(block), operators: name)
    writer.block(block)
    guard let traced = writer.finish() else { return nil }
    return #"local \#(name) <const> = ("")["\#(field)"]; "# + traced
  }
}
