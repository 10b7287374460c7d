import CPostgres

/// Warnings of one connection, kept by the C callback and read on the same thread.
final class Warnings {
  private var texts: [String] = []

  // A function that warns in a loop must not fill the memory.
  private static let limit = 50

  static func note(_ box: UnsafeMutableRawPointer?, _ result: OpaquePointer?) {
    guard let box, let result else { return }
    let warnings = Unmanaged<Warnings>.fromOpaque(box).takeUnretainedValue()
    // The result belongs to libpq.
    guard warnings.texts.count < limit, let text = PostgresNotice.warning(result) else { return }
    warnings.texts.append(text)
  }

  func take() -> [String] {
    defer { texts = [] }
    return texts
  }
}

/// A notice of the server while libpq owns it.
private enum PostgresNotice {
  static func warning(_ result: OpaquePointer) -> String? {
    guard field(result, opsh_diag_severity) == "WARNING", let text = field(result, opsh_diag_message) else {
      return nil
    }
    return "\(field(result, opsh_diag_sqlstate) ?? "01000") \(text)"
  }

  private static func field(_ result: OpaquePointer, _ code: Int32) -> String? {
    PQresultErrorField(result, code).map { String(cString: $0) }
  }
}
