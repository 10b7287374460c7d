import PrimitiveKit

/// How long a unit of systemd has been active without a break; one that is not active has been so for 0 s.
struct UnitStable: SiteProbe {
  static let kind = "unit_stable"
  static let keys = ["on", "unit", "user"]
  static let summary = "How long the unit has been active without a restart"
  static let unit = "s"
  static let ok: [Threshold] = [.from(300)]
  static let bad: [Threshold] = [.below(60)]

  let hosts: HostChoice
  let name: String
  /// Whether it is a unit of the account and not of the system.
  let isUser: Bool

  init(reading field: DataField, in site: any SiteNames) throws(DataError) {
    hosts = try HostChoice(reading: field, in: site)
    name = try field.required("unit", "the name of a unit").string("the name of a unit")
    isUser = try field.optional("user")?.bool() ?? false
  }

  func measure(_ call: CheckCall) async throws(CallFailure) -> [Measured] {
    let properties = ["LoadState", "ActiveState", "SubState", "NRestarts", "ActiveEnterTimestampMonotonic"]
    let show = UnitQuestion.show(properties, of: name, isUser: isUser)
    let probe = HostProbe(command: "\(show) && cut -d ' ' -f 1 /proc/uptime") { output, _ in read(output) }
    return await probe.measure(try hosts.hosts(call.surroundings), call)
  }

  func read(_ output: String) -> Measured {
    var properties: [String: String] = [:]
    var uptime: Double?
    for line in output.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { properties[String(parts[0])] = String(parts[1]) } else { uptime = Double(line) }
    }
    var evidence: [String: Value] = ["unit": .string(name)]
    for (key, field) in [("ActiveState", "state"), ("SubState", "detail"), ("NRestarts", "restarts")] {
      evidence[field] = properties[key].map(Value.string)
    }
    guard properties["LoadState"] == "loaded", let state = properties["ActiveState"] else {
      return Measured(nil, note: "systemd has no unit \(name) there")
    }
    guard state == "active" else { return Measured(0, evidence: .table(evidence)) }
    guard let uptime, let entered = properties["ActiveEnterTimestampMonotonic"].flatMap(Double.init), entered > 0 else {
      return Measured(nil, evidence: .table(evidence), note: "systemd does not say since when \(name) is active")
    }
    return Measured(max(0, (uptime - entered / 1e6).rounded(.down)), evidence: .table(evidence))
  }
}
