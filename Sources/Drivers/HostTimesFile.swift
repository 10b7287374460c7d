import Foundation
import Foundations

/// Keeps measured host times between runs: one JSON object of seconds by host, in the state directory.
///
/// A convenience: a file that cannot be read or written costs an estimate and nothing else.
package struct HostTimesFile: Sendable {
  private let path: String

  /// `directory` is opsh's state directory; each site has a file of its own.
  package init(directory: String, site: String) {
    let name = String(site.map { $0.isLetter || $0.isNumber || $0 == "-" ? $0 : "_" })
    path = "\(directory)/host-times/\(name).json"
  }

  package func load() -> [String: Double] {
    guard let data = FileManager.default.contents(atPath: path) else { return [:] }
    return (try? JSONDecoder().decode([String: Double].self, from: data)) ?? [:]
  }

  package func save(_ times: [String: Double]) {
    let encoder = JSONEncoder.stable()
    guard let data = try? encoder.encode(times) else { return }
    try? FileManager.default.createDirectory(atPath: PathText.directory(of: path), withIntermediateDirectories: true)
    try? data.write(to: URL(fileURLWithPath: path), options: .atomic)
  }
}
