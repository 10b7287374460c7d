package import PrimitiveKit

/// How a program ended, as scripts get it.
package struct ProgramResult: Record, Codable, Equatable {
  package let ok: Bool
  package let status: Int?
  package let signal: Int?
  package let output: ByteText
  package let errorOutput: ByteText
  package let seconds: Double

  init(_ ending: ProgramEnding) {
    ok = ending.status == 0
    (status, signal) = (ending.status, ending.signal)
    (output, errorOutput, seconds) = (ending.output, ending.errorOutput, ending.seconds)
  }

  package static var luaType: String { "program.Result" }
  package static let columns: [Column<ProgramResult>] = [
    Column(\.ok, "ok", "Whether it exited with status 0"),
    Column(\.status, "status", "The exit status; nil when a signal ended it"),
    Column(\.signal, "signal", "The number of the signal that ended it, else nil"),
    Column(\.output, "output", "Standard output"),
    Column(\.errorOutput, "error_output", "Standard error"),
    Column("seconds", "How long it took") { ($0.seconds * 1000).rounded() / 1000 },
  ]

  /// Why it did not succeed, with the last line it said; nil when it did.
  func failure(of name: String) -> CallFailure? {
    guard !ok else { return nil }
    let end = status.map { "exited with status \($0)" } ?? "was ended by signal \(signal ?? 0)"
    let said = String(decoding: errorOutput.bytes.suffix(2000), as: UTF8.self).split(whereSeparator: \.isNewline).last
    return CallFailure(
      .failed,
      code: "program.failed",
      message: "`\(name)` \(end)" + (said.map { ": \($0.prefix(200))" } ?? ""),
      hint: "check = false returns the status instead of raising an error"
    )
  }
}
