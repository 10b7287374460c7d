import Foundation
import Glibc

/// What was entered, in memory and, where possible, in a file.
///
/// A file that cannot be used costs one notice, never an entry or the session.
struct History {
  /// As many as the editor keeps in memory.
  static let limit = 2000

  private let file: HistoryFile?
  private var last: String?
  private var notice: String?
  private var isFileUsable: Bool
  private let now: @Sendable () -> Double

  init(file path: String?, now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }) {
    file = path.map(HistoryFile.init(path:))
    isFileUsable = path != nil
    self.now = now
    if path == nil { notice = "history: kept in memory only, because HOME is not set" }
  }

  /// The entries of former sessions, oldest first, without immediate repetitions.
  mutating func load() -> [String] {
    guard let file else { return [] }
    do throws(HistoryFailure) {
      var entries: [String] = []
      for entry in try file.load(limit: Self.limit) where entry != entries.last { entries.append(entry) }
      last = entries.last
      return entries
    } catch {
      fail(error)
      return []
    }
  }

  /// Keeps an entry; false when it is not worth keeping: blank, a repetition, or hidden by a leading space.
  mutating func add(_ entry: String) -> Bool {
    guard !entry.hasPrefix(" "), entry != last, entry.contains(where: { !$0.isWhitespace }) else { return false }
    last = entry
    guard let file, isFileUsable else { return true }
    let user = ProcessInfo.processInfo.environment["USER"]
    do throws(HistoryFailure) {
      try file.append(HistoryRecord(ts: now(), session: getpid(), user: user, src: entry))
    } catch {
      fail(error)
    }
    return true
  }

  /// What the operator should be told, once.
  mutating func takeNotice() -> String? {
    defer { notice = nil }
    return notice
  }

  private mutating func fail(_ failure: HistoryFailure) {
    isFileUsable = false
    notice = "history: kept in memory only, because \(file?.path ?? "the file") cannot be used: \(failure.reason)"
  }
}
