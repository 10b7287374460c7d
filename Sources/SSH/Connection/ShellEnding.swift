/// Finds the line `MARK STATUS` that a remote shell writes to its standard error when a command has ended.
///
/// The server tells of the end of a shell only once its streams are closed, and whatever it started may hold them.
struct ShellEnding {
  private let mark: [UInt8]
  /// The last bytes, in which the line may have begun.
  private var recent: [UInt8] = []
  /// The status that was said.
  private(set) var status: Int32?

  init(mark: String) { self.mark = Array("\n\(mark) ".utf8) }

  /// Whether the line has come with this piece.
  mutating func reads(_ piece: UnsafeRawBufferPointer) -> Bool {
    recent += piece
    if let line = recent.firstRange(of: mark) {
      guard let end = recent[line.upperBound...].firstIndex(of: UInt8(ascii: "\n")) else { return false }
      status = Int32(String(decoding: recent[line.upperBound..<end], as: UTF8.self))
      return status != nil
    }
    if recent.count > mark.count { recent.removeFirst(recent.count - mark.count) }
    return false
  }

  /// What was written before the line.
  func cutting(_ output: SSHOutput) -> SSHOutput {
    guard status != nil, let line = output.bytes.firstRange(of: mark) else { return output }
    var cut = output
    cut.bytes = Array(output.bytes[..<line.lowerBound])
    cut.gap = min(cut.gap, cut.bytes.count)
    return cut
  }
}
