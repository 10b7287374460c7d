package import PrimitiveKit

/// What a script prints at once.
package enum PrintedText: Sendable, Equatable {
  case text(String)
  /// Bytes that are not UTF-8.
  case bytes([UInt8])
}

/// What one Lua engine may use, and where its output goes.
package struct LuaConfiguration: Sendable {
  /// Bytes that Lua may hold; 0 means no limit.
  package var memoryLimit: Int
  /// The directories that `require` looks in, in order.
  package var moduleRoots: [String]
  /// The longest a run may take, waiting included; nil means no limit.
  package var timeLimit: Duration?
  /// The most instructions a run may execute; nil means no limit.
  ///
  /// A limit makes interpreted code about twice as slow (reference: a count hook is set all the time).
  package var instructionLimit: Int?
  /// Takes each text that a script prints, without a line end.
  package var print: @Sendable (PrintedText) -> Void
  /// Takes each place where a run that traces depends on an unknown value.
  package var inexact: @Sendable (InexactPoint) -> Void
  /// Makes an object that is held for the length of every Swift frame called by Lua.
  ///
  /// A test that counts these objects proves that no Lua error jumps over a Swift frame.
  package var frameWitness: (@Sendable () -> any AnyObject & Sendable)?

  /// 512 MiB, no modules, no limits of time.
  package init(
    memoryLimit: Int = 512 << 20,
    moduleRoots: [String] = [],
    timeLimit: Duration? = nil,
    instructionLimit: Int? = nil,
    print: @escaping @Sendable (PrintedText) -> Void = { _ in },
    inexact: @escaping @Sendable (InexactPoint) -> Void = { _ in },
    frameWitness: (@Sendable () -> any AnyObject & Sendable)? = nil
  ) {
    self.memoryLimit = memoryLimit
    self.moduleRoots = moduleRoots
    self.timeLimit = timeLimit
    self.instructionLimit = instructionLimit
    self.print = print
    self.inexact = inexact
    self.frameWitness = frameWitness
  }
}
