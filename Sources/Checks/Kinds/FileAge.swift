import PrimitiveKit

/// How long ago a file was last written, by the clock of its host.
struct FileAge: SiteProbe {
  static let kind = "file_age"
  static let keys = ["on", "path"]
  static let summary = "How long ago the file was last written"
  static let unit = "s"

  let hosts: HostChoice
  let path: HostPath

  init(reading field: DataField, in site: any SiteNames) throws(DataError) {
    hosts = try HostChoice(reading: field, in: site)
    path = try field.required("path", "the file").hostPath()
  }

  func measure(_ call: CheckCall) async throws(CallFailure) -> [Measured] {
    let probe = HostProbe(command: "stat -c '%Y %s' -- \(path.word) && date +%s") { output, _ in
      let numbers = output.words.compactMap { Int64($0) }.map(Double.init)
      guard numbers.count == 3, output.words.count == 3 else {
        return Measured(nil, evidence: .string(output.start), note: "its times read '\(output.start)'")
      }
      let age = numbers[2] - numbers[0]
      let evidence = Value.table(["path": .string(path.plain), "size": .number(numbers[1])])
      guard age >= -JudgedCheck.aheadLimit else {
        return Measured(nil, evidence: evidence, note: "\(path) was written \((-age).brief) s in the future")
      }
      return Measured(max(0, age), evidence: evidence)
    }
    return await probe.measure(try hosts.hosts(call.surroundings), call)
  }
}
