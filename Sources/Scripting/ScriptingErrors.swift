import PrimitiveKit

/// The errors that these primitives raise besides those of every call, for the reference.
enum ScriptingErrors {
  /// Those of one primitive.
  static func of(_ info: PrimitiveInfo) -> [ErrorInfo] {
    switch info.name {
    case "json.decode": [ErrorInfo("json.syntax", "the text is not JSON; the message has line and column")]
    case "json.encode": [ErrorInfo("json.value", "the value has no form in JSON")]
    case "file.exists": files
    case "file.stat": files + missing
    case "file.read", "file.lines":
      files + missing + [
        ErrorInfo("file.kind", "it is not a regular file"), ErrorInfo("file.size", "it is larger than what is read"),
      ]
    case "file.write":
      files + [
        ErrorInfo("file.kind", "what is there is not a regular file"),
        ErrorInfo("file.changed", "somebody changed the file since it was planned"),
      ]
    case "program": [ErrorInfo("program.failed", "the program failed, and `check` is not false")]
    case "http.get", "http.head":
      http + [ErrorInfo("http.redirect", "it leads further than `redirects`, from https to http, or not to HTTP")]
    case "http.post", "http.put", "http.delete":
      http + [
        ErrorInfo("http.ambiguous", "another request of the step differs in nothing that a record holds; pass an `id`")
      ]
    case "time.parse", "time.format":
      [ErrorInfo("time.invalid", "the text or the number is not a point in time")]
    case "wait_until": [ErrorInfo("wait.deadline", "the time was up")]
    default: []
    }
  }

  private static let files = [ErrorInfo("file.failed", "the system refuses it, for example for want of permission")]
  private static let http = [
    ErrorInfo("http.name", "the name of the server cannot be resolved"),
    ErrorInfo("http.connect", "the server accepts no connection"),
    ErrorInfo("http.untrusted", "its certificate is of nobody who is trusted here"),
    ErrorInfo("http.expired", "its certificate is out of date"),
    ErrorInfo("http.wrong_host", "its certificate is for another host"),
    ErrorInfo("http.tls", "no connection by TLS for another reason"),
    ErrorInfo("http.timeout", "there was no whole answer in time"),
    ErrorInfo("http.cut", "the connection ended before the answer did"),
    ErrorInfo("http.size", "the answer is larger than `limit`, or its headers are"),
    ErrorInfo("http.answer", "the answer is not HTTP"),
    ErrorInfo("http.status", "the status is not 200 to 299, and `check` is not false"),
  ]
  private static let missing = [ErrorInfo("file.missing", "there is no such file")]
}
