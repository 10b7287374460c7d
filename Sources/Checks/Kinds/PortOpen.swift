import PrimitiveKit

/// How many sockets of a host listen on a TCP port.
struct PortOpen: SiteProbe {
  static let kind = "port"
  static let keys = ["on", "port"]
  static let summary = "Sockets that listen on the TCP port"
  static let unit = ""
  static let ok: [Threshold] = [.from(1)]
  static let bad: [Threshold] = [.below(1)]

  let hosts: HostChoice
  let port: Int

  init(reading field: DataField, in site: any SiteNames) throws(DataError) {
    hosts = try HostChoice(reading: field, in: site)
    port = try field.required("port", "a TCP port").int(in: 1...65_535)
  }

  func measure(_ call: CheckCall) async throws(CallFailure) -> [Measured] {
    // State 0A is LISTEN (proc(5)); the header makes a line, so none at all means that nothing was read.
    let digits = String(port, radix: 16, uppercase: true)
    let hex = String(repeating: "0", count: 4 - digits.count) + digits
    let command = """
      cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
      awk '$4 == "0A" && substr($2, length($2) - 4) == ":\(hex)" { n++ } END { print n + 0, NR + 0 }'
      """
    let probe = HostProbe(command: command) { output, _ in
      let numbers = output.words.compactMap { Int($0) }
      guard numbers.count == 2, numbers[1] > 0 else {
        return Measured(nil, evidence: .string(output.start), note: "the host does not list its sockets")
      }
      return Measured(Double(numbers[0]), evidence: .table(["port": .int(port)]))
    }
    return await probe.measure(try hosts.hosts(call.surroundings), call)
  }
}
