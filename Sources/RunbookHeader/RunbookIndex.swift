import Foundation
package import LuaRuntime
package import PrimitiveKit

/// Lists the runbooks of folders.
package struct RunbookIndex: Sendable {
  /// A file that is a runbook, or was meant to be one.
  package struct Entry: Sendable, Equatable {
    /// The name of the runbook.
    package let name: String
    package let path: String
    /// The SHA-256 of its bytes, in hexadecimal digits.
    package let sha256: String
    /// Nil when it cannot be read.
    package let header: RunbookHeader?
    /// Why it cannot be used; nil when it can.
    package let problem: CallFailure?
  }

  private let folders: [String]
  private let engine: LuaEngine

  /// Of two runbooks of one name the one in the earlier folder counts.
  package init(folders: [String], engine: LuaEngine) {
    self.folders = folders
    self.engine = engine
  }

  /// Every runbook in the folders, by name; scripts are left out, and a folder that is not there is an empty one.
  package func entries() async -> [Entry] {
    var entries: [String: Entry] = [:]
    for folder in folders {
      for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
        guard name.hasSuffix(".lua"), !name.hasPrefix(".") else { continue }
        let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
        guard entries[RunbookFile.name(of: path)] == nil, let entry = await entry(path) else { continue }
        entries[entry.name] = entry
      }
    }
    return entries.values.sorted { $0.name < $1.name }
  }

  private func entry(_ path: String) async -> Entry? {
    guard let data = FileManager.default.contents(atPath: path) else {
      return broken(path, CallFailure(.invalid, code: "script.unreadable", message: "\(path) cannot be read"))
    }
    guard let source = String(validating: data, as: UTF8.self) else {
      return broken(path, CallFailure(.invalid, code: "script.encoding", message: "\(path) is not UTF-8 text"))
    }
    guard RunbookFile.isRunbook(source) else { return nil }
    do throws(CallFailure) {
      let file = try await RunbookFile.load(source, path: path, engine: engine)
      return Entry(name: file.name, path: path, sha256: file.sha256, header: file.header, problem: nil)
    } catch {
      return broken(path, error, SHA256(hashing: source.utf8).hex)
    }
  }

  private func broken(_ path: String, _ problem: CallFailure, _ sha256: String = "") -> Entry {
    Entry(name: RunbookFile.name(of: path), path: path, sha256: sha256, header: nil, problem: problem)
  }
}
