/// What a host says of itself, from the `host` line of `facts`.
package struct HostFacts: Sendable, Equatable {
  /// The SHA-256 of the script that answered.
  package let script: String
  /// Free space where the images live, in kilobytes.
  package let diskFreeKB: Int
  /// Why the runtime cannot work here; `nil` when it can.
  package let notReady: String?
  /// The host's clock, in seconds since 1970.
  package let now: Int
  /// The newest epoch the host has obeyed; 0 before the first, nil when the host cannot read its own record.
  package let epoch: Int?
  /// The id of the journal that granted that epoch, where the host knows it.
  package let journal: String?
  /// The images on the host, as hexadecimal digests.
  package let images: [String]
  /// The image deployed last and those it replaced, newest first, as hexadecimal digests; never removed by a deploy.
  package let kept: [String]

  /// Reads a `host` line.
  ///
  /// - Throws: `HostScriptError` naming the field that is missing or wrong.
  package init(_ line: HostLine) throws(HostScriptError) {
    guard line.kind == .host else { throw .malformedLine(line.text) }
    guard let disk = try line.integer("disk_free_kb") else { throw .missingField("disk_free_kb", line: line.text) }
    guard let now = try line.integer("now") else { throw .missingField("now", line: line.text) }
    let ready = try line.required("ready")
    script = try line.required("script")
    diskFreeKB = disk
    self.now = now
    notReady = ready == "yes" ? nil : ready
    epoch = line["epoch"] == HostEpoch.damaged ? nil : try line.integer("epoch") ?? 0
    journal = line["journal"].flatMap { $0.isEmpty ? nil : $0 }
    images = try line.required("images").split(separator: " ").map(String.init)
    kept = line["kept"]?.split(separator: " ").map(String.init) ?? []
  }
}
