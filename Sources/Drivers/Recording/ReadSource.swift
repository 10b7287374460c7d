package import Foundation
package import PrimitiveKit

/// Where the reads of a session come from: what is there, that with a recording beside, or a recording alone.
package struct ReadSource: Sendable {
  private enum Kind: Sendable {
    case live
    case recorded(RecordingLog, RecordingDirectory, Recording.Meta)
    case replayed(ReplayLog)
  }

  private let kind: Kind
  /// What the session reaches the outside with.
  package let services: Services
  /// The wall clock; that of a replay stands at the time of the recording.
  package let now: @Sendable () -> Date

  /// `record` and `replay` are the directories that the options of these names give; `keepsValues` records ids and money as
  /// they are.
  ///
  /// Throws `usage.option` for both at once or without a dry run, and the failures of `RecordingDirectory`.
  package init(
    record: String?,
    replay: String?,
    isDryRun: Bool,
    site: String,
    opsh: String,
    now: @escaping @Sendable () -> Date,
    keepsValues: Bool = false,
    services: Services
  ) throws(CallFailure) {
    guard record != nil || !keepsValues else {
      throw CallFailure(
        .usage,
        code: "usage.option",
        message: "--record-values needs --record",
        hint: "opsh --dry-run --record DIR --record-values FILE.lua"
      )
    }
    if let option = record != nil ? "--record" : replay != nil ? "--replay" : nil {
      try ReadSource.permit(option, isAlone: record == nil || replay == nil, isDryRun: isDryRun)
    }
    if let replay {
      let recording = try RecordingDirectory(path: replay).read(site: site)
      let log = ReplayLog(recording.reads, masks: recording.meta.masks, directory: replay)
      kind = .replayed(log)
      self.services = services.replayed(from: log)
      self.now = { recording.meta.recorded }
    } else if let record {
      let directory = RecordingDirectory(path: record, services: services.names)
      try directory.prepare()
      let masks = Masks(salt: ReadSource.salt(of: directory), keepsValues: keepsValues)
      let log = RecordingLog(masks: masks)
      kind = .recorded(log, directory, Recording.Meta(site: site, recorded: now(), opsh: opsh, masks: masks))
      self.services = services.recorded(in: log)
      self.now = now
    } else {
      kind = .live
      self.services = services
      self.now = now
    }
  }

  // That of the recording it replaces, so that a difference of the two is one of what was read.
  private static func salt(of directory: RecordingDirectory) -> String {
    if directory.isRecording, let salt = (try? directory.meta())?.salt { return salt }
    return String(UInt64.random(in: 0 ... .max), radix: 16)
  }

  /// Says which reads a replay lacked since the last check: what rests on them is no result.
  ///
  /// Throws `recording.missing`.
  package func check() throws(CallFailure) {
    if case .replayed(let log) = kind { try log.check() }
  }

  /// Ends the session's reading: writes the recording, or says which reads a replay lacked.
  ///
  /// Answers what to tell the operator, nil for nothing. Throws `recording.unwritable` and `recording.missing`.
  package func finish() throws(CallFailure) -> String? {
    switch kind {
    case .live: return nil
    case .replayed(let log):
      try log.check()
      return nil
    case .recorded(let log, let directory, let meta):
      let recording = Recording(meta: meta, reads: log.reads)
      if recording.readCount == 0, directory.isRecording {
        return "nothing was read; the older recording \(directory.path) is kept"
      }
      try directory.write(recording)
      return "recorded \(recording.readCount) reads of \(recording.subjects): \(directory.path); "
        + "review them before sharing: they contain what hosts printed"
    }
  }

  private static func permit(_ option: String, isAlone: Bool, isDryRun: Bool) throws(CallFailure) {
    guard isAlone else {
      throw CallFailure(
        .usage,
        code: "usage.option",
        message: "--record and --replay exclude each other",
        hint: "use --record where the fleet can be reached and --replay where it cannot"
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
