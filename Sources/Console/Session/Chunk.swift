package import PrimitiveKit

/// A piece of Lua to run.
package struct Chunk: Sendable {
  package enum Kind: Sendable {
    /// Shares its globals with what was typed before; an expression answers its value.
    case typed
    /// A script of its own.
    case script
  }

  package var source: String
  /// How errors name it, for example `runbooks/reset.lua`.
  package var name: String
  package var kind: Kind
  package var globals: [String: Value]

  package init(source: String, name: String, kind: Kind, globals: [String: Value] = [:]) {
    self.source = source
    self.name = name
    self.kind = kind
    self.globals = globals
  }

  /// Whether it ends in `;`: its results are not shown.
  var isSilenced: Bool { source.last { !$0.isWhitespace } == ";" }
}
