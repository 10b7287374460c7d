import Foundations
import PrimitiveKit

/// The status that an address answers with, asked from the host itself with its own curl; 0 where nobody answers.
struct HTTPStatus: SiteProbe {
  static let kind = "http"
  static let keys = ["on", "url"]
  static let summary = "Status of the HTTP answer"
  static let unit = ""
  static let ok: [Threshold] = [.between(200, 299)]
  static let bad: [Threshold] = [.from(400), .below(200)]

  let hosts: HostChoice
  let url: String
  /// The address as far as it is no secret.
  private let shown: String

  init(reading field: DataField, in site: any SiteNames) throws(DataError) {
    hosts = try HostChoice(reading: field, in: site)
    let address = try field.required("url", "an address such as \"http://127.0.0.1:8080/health\"")
    url = try address.word("an address such as \"http://127.0.0.1:8080/health\"")
    guard let parts = try? HTTPAddress(url) else {
      throw address.wrong("an address that begins with http:// or https://")
    }
    shown = parts.shown
    // It would stand in the list of processes of the host, and in what is said of the check.
    guard parts.credentials?.contains(":") != true else {
      throw DataError(path: address.path, expected: "an address without a password", got: "one with a password")
    }
  }

  func measure(_ call: CheckCall) async throws(CallFailure) -> [Measured] {
    let probe = HostProbe(command: command(within: call.deadline * 0.7)) { output, _ in read(output) }
    return await probe.measure(try hosts.hosts(call.surroundings), call)
  }

  func command(within limit: Duration) -> String {
    let seconds = max(1, Int(limit.seconds))
    // -q first: what a .curlrc says is not what is measured; -g: brackets and braces stand for themselves.
    return """
      command -v curl >/dev/null 2>&1 || { echo "the host has no curl" >&2; exit 127; }
      curl -q -g -sS -o /dev/null --max-time \(seconds) -w '%{http_code} %{time_total}\\n' -- \(ShellQuote.word(url)) 2>&1
      echo "exit $?"
      """
  }

  func read(_ output: String) -> Measured {
    let lines = output.split(separator: "\n").map(String.init)
    guard let last = lines.last, last.hasPrefix("exit "), let status = Int(last.dropFirst(5)) else {
      return Measured(nil, note: "curl prints '\(output.start)'")
    }
    let said = lines.first { $0.hasPrefix("curl: ") } ?? ""
    // What follows the path may be a secret.
    let evidence: [String: Value] = ["url": .string(shown)]
    if status == 0 {
      guard let words = lines.first(where: { !$0.hasPrefix("curl: ") })?.words, words.count == 2,
        let code = Int(words[0]), code > 0, let seconds = Double(words[1])
      else { return Measured(nil, note: "curl prints '\(output.start)'") }
      return Measured(Double(code), evidence: .table(evidence.merging(["seconds": .number(seconds)]) { $1 }))
    }
    // Refused, in time, empty, reset, no TLS: somebody was asked and did not answer (curl(1), exit codes).
    guard [7, 28, 35, 52, 56, 60].contains(status) else {
      return Measured(nil, note: said.isEmpty ? "curl exited with status \(status)" : said.onOneLine)
    }
    return Measured(0, evidence: .table(evidence.merging(["problem": .string(said.onOneLine)]) { $1 }))
  }
}
