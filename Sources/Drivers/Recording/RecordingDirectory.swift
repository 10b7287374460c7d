import Foundation
import Foundations
package import PrimitiveKit

/// A recording in a directory: `meta.json`, and below a folder a service one file a subject, spelled so that git shows what
/// changed.
package struct RecordingDirectory: Sendable {
  private struct SubjectFile: Codable {
    let subject: String
    let reads: [RecordedRead]
  }

  package let path: String
  /// The services that may write here; their folders are no foreign files.
  let services: [String]

  package init(path: String, services: [String] = [Hosts.name]) {
    self.path = path
    self.services = services
  }

  /// Whether there is a recording already.
  var isRecording: Bool { FileManager.default.fileExists(atPath: "\(path)/meta.json") }

  /// Checks that a recording may be written here, before anybody waits for one.
  ///
  /// Throws `recording.not_empty` for a directory with other files, and `recording.unwritable`.
  package func prepare() throws(CallFailure) {
    let files = FileManager.default
    let found = (try? files.contentsOfDirectory(atPath: path)) ?? []
    // Without `meta.json` it is new, or one that was cut off before its end.
    let foreign =
      found.filter { !services.contains($0) } + services.flatMap(entries).filter { !$0.hasSuffix(".json") }
    guard foreign.isEmpty || found.contains("meta.json") else {
      throw CallFailure(
        .invalid,
        code: "recording.not_empty",
        message: "\(path) is not a recording and contains other files, such as \(foreign.min() ?? "")",
        hint: "name a new or empty directory, or one with an older recording"
      )
    }
    for service in services {
      try writing(path) { try files.createDirectory(atPath: "\(path)/\(service)", withIntermediateDirectories: true) }
      try TextFile.check("\(path)/\(service)/meta.json")
    }
    try TextFile.check("\(path)/meta.json")
  }

  /// Replaces the recording; each file is written aside and renamed, `meta.json` last.
  ///
  /// Throws `recording.not_empty` and `recording.unwritable`.
  package func write(_ recording: Recording) throws(CallFailure) {
    try prepare()
    let older = isRecording ? (try? meta())?.services ?? [Hosts.name] : []
    let names = Set(services).union(recording.reads.keys).union(older).sorted()
    for service in names { try write(recording.reads[service] ?? [:], of: service) }
    var meta = recording.meta
    meta.services = Set(services).union(recording.reads.keys).sorted()
    try save(meta, to: "meta.json")
  }

  private func write(_ subjects: [String: [RecordedRead]], of service: String) throws(CallFailure) {
    try writing(service) {
      try FileManager.default.createDirectory(atPath: "\(path)/\(service)", withIntermediateDirectories: true)
    }
    var names: Set<String> = []
    for (subject, reads) in subjects {
      let name = "\(RecordingDirectory.fileName(subject)).json"
      names.insert(name)
      try save(SubjectFile(subject: subject, reads: reads), to: "\(service)/\(name)")
    }
    for name in entries(service) where name.hasSuffix(".json") && !names.contains(name) {
      try writing("\(service)/\(name)") { try FileManager.default.removeItem(atPath: "\(path)/\(service)/\(name)") }
    }
  }

  /// Reads the recording of a site, also one of format 1.
  ///
  /// Throws `recording.unreadable`, `recording.newer_format`, and `recording.other_site` when it is of another one.
  package func read(site: String) throws(CallFailure) -> Recording {
    let meta = try meta()
    guard meta.site == site else {
      throw CallFailure(
        .invalid,
        code: "recording.other_site",
        message: "\(path) was recorded on the site '\(meta.site)'; this site is '\(site)'",
        hint: "give both sites the same name, or make a recording of this one"
      )
    }
    var reads: RecordedReads = [:]
    for service in meta.services ?? [Hosts.name] where !service.contains("/") {
      for name in entries(service) where name.hasSuffix(".json") {
        let file = try subject(of: "\(service)/\(name)", format: meta.format)
        reads[service, default: [:]][file.subject, default: []] += file.reads
      }
    }
    return Recording(meta: meta, reads: reads)
  }

  private func subject(of name: String, format: Int) throws(CallFailure) -> SubjectFile {
    guard format == 1 else { return try load(SubjectFile.self, from: name) }
    let file = try load(FirstFormat.self, from: name)
    return SubjectFile(subject: file.host, reads: file.recorded)
  }

  private func entries(_ service: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(service)")) ?? []
  }

  /// What `meta.json` says; throws `recording.unreadable` and `recording.newer_format`.
  func meta() throws(CallFailure) -> Recording.Meta {
    struct Format: Codable { let format: Int }
    // The format first: a newer one may spell everything else in another way.
    let format = try load(Format.self, from: "meta.json").format
    guard format <= Recording.format else {
      throw CallFailure(
        .invalid,
        code: "recording.newer_format",
        message: "\(path) has format \(format); this opsh reads up to format \(Recording.format)",
        hint: "use a newer opsh, or record again with this one"
      )
    }
    return try load(Recording.Meta.self, from: "meta.json")
  }

  private func load<Content: Decodable>(_ type: Content.Type, from name: String) throws(CallFailure) -> Content {
    let file = "\(path)/\(name)"
    guard let data = FileManager.default.contents(atPath: file) else {
      throw CallFailure(
        .invalid,
        code: "recording.unreadable",
        message: "\(file) cannot be read",
        hint: "make a recording: opsh --record \(path) --dry-run FILE.lua"
      )
    }
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    do {
      return try decoder.decode(type, from: data)
    } catch {
      throw CallFailure(
        .invalid,
        code: "recording.unreadable",
        message: "\(file) is not a file of a recording: \(RecordingDirectory.reason(error))",
        hint: "restore it from version control, or record again"
      )
    }
  }

  private func save(_ content: some Encodable, to name: String) throws(CallFailure) {
    let encoder = JSONEncoder.stable(.prettyPrinted)
    encoder.dateEncodingStrategy = .iso8601
    try writing(name) {
      let data = try encoder.encode(content) + Data("\n".utf8)
      try data.write(to: URL(fileURLWithPath: "\(path)/\(name)"), options: .atomic)
    }
  }

  private func writing(_ name: String, _ body: () throws -> Void) throws(CallFailure) {
    do {
      try body()
    } catch {
      throw CallFailure(
        .invalid,
        code: "recording.unwritable",
        message: "\(name == path ? path : "\(path)/\(name)") cannot be written: \(error.localizedDescription)",
        hint: "check the disk and the permissions there"
      )
    }
  }

  /// A subject's name as a file name: no slash, nothing hidden.
  private static func fileName(_ subject: String) -> String {
    subject.utf8.enumerated().map { index, byte in
      let isPlain = (byte < 128 && Character(UnicodeScalar(byte)).isLetter) || (48...57).contains(byte)
      let isMark = byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || (byte == UInt8(ascii: ".") && index > 0)
      return isPlain || isMark ? String(UnicodeScalar(byte)) : "%" + String(byte, radix: 16)
    }.joined()
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _): "'\(key.stringValue)' is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' has the wrong type"
    default: "not the expected JSON"
    }
  }
}
