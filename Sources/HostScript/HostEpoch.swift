/// The newest epoch a host has obeyed, from the `host` line of `epoch`.
package struct HostEpoch: Sendable, Equatable {
  /// Seconds since 1970 × 65536 + a tag of the journal; 0 before the first, nil when the host's record is damaged.
  package let epoch: Int?
  /// The id of the journal that granted it, where the host knows it.
  package let journal: String?
  /// The host's clock, in seconds since 1970.
  package let now: Int
  /// The ticket of a change that is at work there; nil when no change is.
  package let atWork: String?

  /// What a host says instead of an epoch that it cannot read.
  static let damaged = "damaged"

  /// Reads a `host` line.
  ///
  /// - Throws: `HostScriptError` naming the field that is missing or wrong.
  package init(_ line: HostLine) throws(HostScriptError) {
    guard line.kind == .host else { throw .malformedLine(line.text) }
    let text = try line.required("epoch")
    guard let now = try line.integer("now") else { throw .missingField("now", line: line.text) }
    epoch = text == Self.damaged ? nil : try line.integer("epoch") ?? 0
    journal = line["journal"].flatMap { $0.isEmpty ? nil : $0 }
    self.now = now
    atWork = line["run"].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The epoch as `fence --reset` wants it, which replaces only what was seen.
  package var word: String { epoch.map(String.init) ?? Self.damaged }
}
