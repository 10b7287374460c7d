/// A stretch of Lua source.
package struct LuaSpan: Sendable, Equatable {
  /// UTF-8 offsets into the text that was parsed.
  package var bytes: Range<Int>
  /// The line it begins on; the first is 1.
  package var line: Int
  /// The line it ends on.
  package var lastLine: Int

  package init(bytes: Range<Int>, line: Int, lastLine: Int) {
    self.bytes = bytes
    self.line = line
    self.lastLine = lastLine
  }

  /// From the beginning of this span to the end of another.
  func through(_ other: LuaSpan) -> LuaSpan {
    LuaSpan(
      bytes: bytes.lowerBound..<max(bytes.upperBound, other.bytes.upperBound),
      line: line,
      lastLine: max(lastLine, other.lastLine)
    )
  }
}
