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
    let probe = HostProbe(command: ListeningPort(port).command) { output, _ in
      guard let count = ListeningPort.read(output) else {
        return Measured(nil, evidence: .string(output.start), note: "the host does not list its sockets")
      }
      return Measured(Double(count), evidence: .table(["port": .int(port)]))
    }
    return await probe.measure(try hosts.hosts(call.surroundings), call)
  }
}
