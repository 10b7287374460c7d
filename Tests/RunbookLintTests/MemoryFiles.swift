import PrimitiveKit
import RunbookLint
import Synchronization

/// Files that exist only for a test.
final class MemoryFiles: LintFiles {
  private let contents: Mutex<[String: [UInt8]]>
  private let isReadOnly: Bool

  init(_ texts: [String: String], isReadOnly: Bool = false) {
    contents = Mutex(texts.mapValues { Array($0.utf8) })
    self.isReadOnly = isReadOnly
  }

  subscript(path: String) -> String? {
    get { contents.withLock { $0[path] }.map { String(decoding: $0, as: UTF8.self) } }
    set { contents.withLock { $0[path] = newValue.map { Array($0.utf8) } } }
  }

  func read(_ path: String) throws(CallFailure) -> [UInt8]? {
    guard !path.hasPrefix("secret") else {
      throw CallFailure(
        .invalid,
        code: "script.unreadable",
        message: "\(path) cannot be read",
        hint: "check its permissions"
      )
    }
    return path.hasPrefix("binary") ? [0xFF, 0xFE] : contents.withLock { $0[path] }
  }

  func names(in folder: String) -> [String]? {
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    let names = contents.withLock { $0.keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) } }
    return names.isEmpty ? nil : names
  }

  func write(_ bytes: [UInt8], to path: String) throws(CallFailure) {
    guard !isReadOnly else {
      throw CallFailure(.invalid, code: "script.unwritable", message: "\(path) cannot be written")
    }
    contents.withLock { $0[path] = bytes }
  }
}
