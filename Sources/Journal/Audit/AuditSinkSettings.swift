package import PrimitiveKit

/// Where the head of the audit chain goes after every run: `audit = { sink = … }`.
package enum AuditSinkSettings: Sendable, Equatable {
  /// The system's log.
  case syslog
  /// A program and its arguments, which gets the head on its standard input.
  case program([String])
  /// A file that the head is appended to on a host of the site.
  case file(host: String, path: HostPath)

  init(_ field: DataField) throws(DataError) {
    try field.allow(["sink"])
    let expected = "\"syslog\", a program with its arguments, or { host = …, path = … }"
    let sink = try field.required("sink", expected)
    switch sink.value {
    case .string("syslog"): self = .syslog
    case .string, .array:
      let words = try sink.texts(expected)
      guard !words.isEmpty else { throw sink.wrong(expected) }
      self = .program(words)
    case .table:
      try sink.allow(["host", "path"])
      self = .file(
        host: try sink.required("host", "the name of a host").string("the name of a host"),
        path: try sink.required("path", "a path on that host").hostPath()
      )
    default: throw sink.wrong(expected)
    }
  }
}
