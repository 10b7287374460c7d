package import PrimitiveKit

extension CommandReport {
  /// Reads a report that a script kept; throws what is missing.
  package init(_ value: Value) throws(ConversionError) {
    guard case .table(let fields) = value, case .string(let host)? = fields["host"],
      case .string(let state)? = fields["state"]
    else { throw ConversionError(expected: "a report returned by fleet.query", found: value) }
    self.init(
      host: host,
      state: state,
      status: try Int?(fields["status"] ?? .null),
      signal: try String?(fields["signal"] ?? .null),
      output: CommandReport.bytes(fields["output"]),
      errorOutput: CommandReport.bytes(fields["error_output"]),
      detail: try String?(fields["detail"] ?? .null) ?? "",
      seconds: try Double?(fields["seconds"] ?? .null) ?? 0
    )
  }

  private static func bytes(_ value: Value?) -> [UInt8] {
    switch value {
    case .string(let text): Array(text.utf8)
    case .bytes(let bytes): bytes
    default: []
    }
  }
}
