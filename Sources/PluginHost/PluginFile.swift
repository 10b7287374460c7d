import Foundation
import LuaSyntax
import PrimitiveKit

/// A file of a plugin, read as text, and how a mistake in it is told.
struct PluginFile: Sendable {
  let path: String
  let source: String

  /// A file of Lua is written by a person; 4 MiB is far above any.
  private static let largest = 4 << 20

  /// Throws `plugin.invalid` for what cannot be read or is not UTF-8, with the line of the first bytes that are not.
  init(_ path: String) throws(CallFailure) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CallFailure(
        .invalid,
        code: "plugin.invalid",
        message: "\(path) cannot be read",
        hint: "check that the file exists and its permissions"
      )
    }
    guard data.count <= PluginFile.largest else {
      throw CallFailure(
        .invalid,
        code: "plugin.invalid",
        message: "\(path) is larger than 4 MiB",
        hint: "keep data in files that the plugin reads"
      )
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      let line = (lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0) + 1
      throw CallFailure(
        .invalid,
        code: "plugin.invalid",
        message: "\(path):\(line): not UTF-8 text",
        hint: "save the file as UTF-8"
      )
    }
    self.path = path
    source = text
  }

  /// The same failure of the file while it is loaded, with a hint; what names no place is about the whole file.
  func telling(_ failure: CallFailure, hint: String = "docs/plugins.md describes the files of a plugin") -> CallFailure
  {
    var told = told(failure)
    if told.trace.isEmpty, !told.message.contains(path) { told.message = "\(path):1: \(told.message)" }
    if told.hint == nil { told.hint = hint }
    return told
  }

  /// The same failure with the whole path of the file, which Lua shortens where it is long.
  func told(_ failure: CallFailure) -> CallFailure {
    var told = failure
    told.message = whole(failure.message)
    told.trace = failure.trace.map(whole)
    return told
  }

  private func whole(_ text: String) -> String {
    guard text.hasPrefix("..."), let colon = text.firstIndex(of: ":") else { return text }
    let tail = text[..<colon].dropFirst(3)
    return !tail.isEmpty && path.hasSuffix(tail) ? path + text[colon...] : text
  }

  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// The place of a field, as it would be written in Lua.
  ///
  /// Only a mistake has the text parsed, for its line.
  func place(_ field: String) -> SourcePlace { LuaFieldLocator(file: path, source: source)(field) }

  /// What is wrong with a field of the file, `plugin.invalid`, with file and line.
  func failure(_ error: DataError) -> CallFailure {
    failure(at: error.path, "expected \(error.expected), got \(error.got)", hint: error.hint)
  }

  /// What is wrong with a field of the file; an empty field is the whole file.
  func failure(at field: String, _ words: String, hint: String?) -> CallFailure {
    let subject = field.isEmpty ? "" : "\(field): "
    return CallFailure(
      .invalid,
      code: "plugin.invalid",
      message: "\(place(field)): \(subject)\(words)",
      hint: hint ?? "docs/plugins.md describes the files of a plugin"
    )
  }
}
