import PrimitiveKit

/// What the host script's `exec` says of a command that ended: one line, then its output and its errors as they are.
package struct ExecAnswer: Sendable, Equatable {
  /// The exit status; more than 128 where a signal ended it.
  package let status: Int
  package let output: [UInt8]
  package let errorOutput: [UInt8]
  /// Bytes that the host did not keep.
  package let dropped: Int
  /// How long it ran on the host.
  package let seconds: Double
  /// Whether the host still has the output.
  package let isKept: Bool

  /// Finds the answer for a ticket; a login shell may print before it.
  ///
  /// Nil without one; throws `HostScriptError` for one that cannot be read.
  package init?(_ bytes: [UInt8], token: String) throws(HostScriptError) {
    let mark = Array("exec\t\(token)\t".utf8)
    var rest = bytes[...]
    while !rest.starts(with: mark) {
      guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
      rest = rest[rest.index(after: end)...]
    }
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    let line = try HostLine(parsing: String(decoding: rest[..<end], as: UTF8.self))
    let body = rest[rest.index(after: end)...]
    guard let status = try line.integer("status"), let out = try line.integer("out"),
      let errors = try line.integer("err"), out >= 0, errors >= 0, body.count >= out + errors
    else { throw .malformedLine(line.text) }
    self.status = status
    output = Array(body.prefix(out))
    errorOutput = Array(body.dropFirst(out).prefix(errors))
    dropped = try line.integer("dropped") ?? 0
    seconds = Double(try line.required("seconds")) ?? 0
    isKept = line["kept"] != "no"
  }
}
