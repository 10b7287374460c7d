import Foundation
import Foundations

/// One line of the history file.
struct HistoryRecord: Codable, Equatable {
  /// Seconds since 1970.
  var ts: Double
  /// The process that wrote it.
  var session: Int32
  /// The login name, for files that are read together later.
  var user: String?
  /// The entry.
  var src: String

  /// The record as one line of JSON, with its newline.
  func line() -> [UInt8] {
    let encoder = JSONEncoder.stable()
    // Strings and finite numbers always encode; an empty line is skipped by readers.
    return ((try? encoder.encode(self)).map(Array.init) ?? []) + [UInt8(ascii: "\n")]
  }

  /// Nil for a line that is no record: torn, foreign or damaged.
  init?(line: some Sequence<UInt8>) {
    guard let record = try? JSONDecoder().decode(Self.self, from: Data(line)) else { return nil }
    self = record
  }

  init(ts: Double, session: Int32, user: String?, src: String) {
    self.ts = ts
    self.session = session
    self.user = user
    self.src = src
  }
}
