/// A local variable, with where it is declared.
package struct LuaDeclaration: Sendable {
  package enum Origin: Sendable {
    case local(LuaLocal.Attribute?)
    case function
    case parameter
    case loop
    /// The `self` of a method.
    case implicit
  }

  /// The position in `LuaScopes.declarations`.
  package var id: Int
  package var name: LuaName
  package var origin: Origin
  /// How many functions are around it; 0 in the chunk itself.
  package var functionDepth: Int
}

/// A place where a name is read or assigned.
package struct LuaNameUse: Sendable {
  package enum Kind: Sendable, Equatable {
    /// A field of `_ENV`.
    case global
    /// A local variable of the same function.
    case local(declaration: Int)
    /// A local variable of a function around it.
    case upvalue(declaration: Int)
  }

  package var name: LuaName
  package var kind: Kind
  package var isAssigned: Bool
  package var functionDepth: Int

  /// The declaration it refers to; nil for a global.
  package var declaration: Int? {
    switch kind {
    case .global: nil
    case .local(let id), .upvalue(let id): id
    }
  }
}
