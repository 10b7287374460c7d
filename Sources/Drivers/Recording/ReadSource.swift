package import Foundation
package import PrimitiveKit

/// Where the reads of a session come from: the hosts, the hosts with a recording beside, or a recording alone.
package struct ReadSource: Sendable {
  private enum Kind: Sendable {
    case hosts
    case recorded(RecordingTransport, RecordingDirectory, Recording.Meta)
    case replayed(ReplayTransport)
  }

  private let kind: Kind
  /// What the session reaches hosts with.
  package let transport: any Transport
  /// The wall clock; that of a replay stands at the time of the recording.
  package let now: @Sendable () -> Date

  /// `record` and `replay` are the directories that the options of these names give; `hosts` reaches the hosts.
  ///
  /// Throws `usage.option` for both at once or without a dry run, and the failures of `RecordingDirectory`.
  package init(
    record: String?,
    replay: String?,
    isDryRun: Bool,
    site: String,
    opsh: String,
    now: @escaping @Sendable () -> Date,
    hosts: any Transport
  ) throws(CallFailure) {
    if let option = record != nil ? "--record" : replay != nil ? "--replay" : nil {
      try ReadSource.permit(option, isAlone: record == nil || replay == nil, isDryRun: isDryRun)
    }
    if let replay {
      let recording = try RecordingDirectory(path: replay).read(site: site)
      let transport = ReplayTransport(recording, directory: replay)
      kind = .replayed(transport)
      self.transport = transport
      self.now = { recording.meta.recorded }
    } else if let record {
      let directory = RecordingDirectory(path: record)
      try directory.prepare()
      let transport = RecordingTransport(hosts)
      kind = .recorded(transport, directory, Recording.Meta(site: site, recorded: now(), opsh: opsh))
      self.transport = transport
      self.now = now
    } else {
      kind = .hosts
      transport = hosts
      self.now = now
    }
  }

  /// Says which reads a replay lacked since the last check: what rests on them is no result.
  ///
  /// Throws `recording.missing`.
  package func check() throws(CallFailure) {
    if case .replayed(let transport) = kind { try transport.check() }
  }

  /// Ends the session's reading: writes the recording, or says which reads a replay lacked.
  ///
  /// Answers what to tell the operator, nil for nothing. Throws `recording.unwritable` and `recording.missing`.
  package func finish() throws(CallFailure) -> String? {
    switch kind {
    case .hosts: return nil
    case .replayed(let transport):
      try transport.check()
      return nil
    case .recorded(let transport, let directory, let meta):
      let recording = transport.recording(meta)
      if recording.readCount == 0, directory.isRecording {
        return "nothing was read: the older recording \(directory.path) stays"
      }
      try directory.write(recording)
      return "recorded \(recording.readCount) reads of \(recording.hostCount) hosts: \(directory.path); "
        + "read them before you share them, they hold what hosts printed"
    }
  }

  private static func permit(_ option: String, isAlone: Bool, isDryRun: Bool) throws(CallFailure) {
    guard isAlone else {
      throw CallFailure(
        .usage,
        code: "usage.option",
        message: "--record and --replay exclude each other",
        hint: "--record where the fleet is reached, --replay where it is not"
      )
    }
    guard isDryRun else {
      throw CallFailure(
        .usage,
        code: "usage.option",
        message: "\(option) needs --dry-run: only reads can be recorded",
        hint: "opsh --dry-run \(option) DIR FILE.lua"
      )
    }
  }
}
