import PrimitiveKit

import struct Foundation.Date

/// What a path names, as scripts get it.
struct FileStat: Answered, Sendable {
  let value: Value

  static var luaType: String { "file.Stat?" }
  static var fields: [FieldInfo] { FileRow.fields }

  init(value: Value) { self.value = value }

  init(_ facts: FileFacts, _ path: LocalPath) {
    value =
      FileRow(
        path: path.absolute,
        kind: facts.kind.rawValue,
        bytes: facts.bytes,
        mode: FileMode(facts.mode).text,
        owner: facts.owner,
        group: facts.group,
        modified: facts.modified
      ).value
  }

  init(_ image: FileImage, _ path: LocalPath, now: Date) {
    value =
      FileRow(
        path: path.absolute,
        kind: "file",
        bytes: image.bytes,
        mode: FileMode(image.mode).text,
        owner: image.owner,
        group: "",
        modified: Int64(now.timeIntervalSince1970 * 1000)
      ).value
  }
}

private struct FileRow: Record {
  let path: String
  let kind: String
  let bytes: Int
  let mode: String
  let owner: String
  let group: String
  let modified: Int64

  static var luaType: String { "file.Stat" }
  static let columns: [Column<Self>] = [
    Column(\.path, "path", "The whole path"),
    Column(\.kind, "kind", "file, directory or other"),
    Column(\.bytes, "bytes", "Size"),
    Column(\.mode, "mode", "Permission bits in octal"),
    Column(\.owner, "owner", "Who owns it"),
    Column(\.group, "group", "Whose group it is"),
    Column(time: "modified", "When its content was last changed; `time.parse` reads it") { $0.modified },
  ]
}

/// What a write did.
struct FileWritten: Record {
  let path: String
  let bytes: Int
  let digest: String
  let mode: String
  let change: String

  init(_ change: WriteFile) {
    let image = change.image
    (path, bytes, digest, mode) = (change.path.absolute, image.bytes, image.digest, FileMode(image.mode).text)
    self.change = change.change
  }

  static var luaType: String { "file.Written" }
  static let columns: [Column<Self>] = [
    Column(\.path, "path", "The whole path"),
    Column(\.bytes, "bytes", "Size"),
    Column(\.mode, "mode", "Permission bits in octal"),
    Column(\.digest, "digest", "SHA-256 of the content"),
    Column(\.change, "change", "What was there before"),
  ]
}
