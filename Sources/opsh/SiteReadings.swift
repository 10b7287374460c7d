import Fleet
import Foundation
import Foundations
import HostScript
import PrimitiveKit
import Site

/// The last good reading of each site file: what it said, and the runtimes that its plugins gave.
///
/// Kept in the state directory so that a broken edit of a site never stands between an operator and a stop.
struct SiteReadings {
  /// A site as it was read when it could be.
  struct Reading {
    let site: Site
    let runtimes: [String: Runtime]
    let transports: [String: TransportProgram]
    /// What both follow from, by plugin.
    let drivers: [String: String]
    /// Such as `5 min ago`.
    let age: String
  }

  private struct Content: Codable {
    let path: String
    let site: Value
    let runtimes: [String: Runtime]
    /// Nil in a reading of an older opsh.
    var transports: [String: TransportProgram]?
    var drivers: [String: String]?
  }

  private let folder: String?
  private let sections: [any SiteSection.Type]

  /// `sections` are what the domains read of a site.
  init(_ environment: [String: String], sections: [any SiteSection.Type]) {
    self.sections = sections
    folder = UserDirectory.state(environment).map { "\($0)/opsh/sites" }
  }

  /// Keeps a reading; a failure costs nothing but the reading.
  ///
  /// The file is replaced as a whole, and only when it says something else; its time is when it was last good.
  func keep(
    _ value: Value,
    _ runtimes: [String: Runtime],
    _ transports: [String: TransportProgram],
    _ drivers: [String: String],
    of path: String
  ) {
    guard let folder, let file = file(of: path) else { return }
    let encoder = JSONEncoder.stable()
    guard
      let data = try? encoder.encode(
        Content(
          path: absolute(path),
          site: value,
          runtimes: runtimes,
          transports: transports,
          drivers: drivers
        )
      )
    else { return }
    if FileManager.default.contents(atPath: file) == data {
      try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: file)
      return
    }
    let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: attributes)
    try? data.write(to: URL(fileURLWithPath: file), options: .atomic)
  }

  /// The last good reading of a site file; throws `problem`, or an error if no reading was kept.
  func last(of path: String, instead problem: CallFailure?) throws(CallFailure) -> Reading {
    guard let file = file(of: path), let data = FileManager.default.contents(atPath: file),
      let content = try? JSONDecoder().decode(Content.self, from: data)
    else {
      throw problem ?? CallFailure(.invalid, code: "site.unreadable", message: "no earlier reading of \(path) is kept")
    }
    do {
      let site = try Site(
        decoding: content.site,
        sections: sections,
        transports: nil,
        locate: { _ in SourcePlace(file: path, line: 1) }
      )
      let attributes = try? FileManager.default.attributesOfItem(atPath: file)
      return Reading(
        site: site,
        runtimes: content.runtimes,
        transports: content.transports ?? [:],
        drivers: content.drivers ?? [:],
        age: age(attributes?[.modificationDate] as? Date)
      )
    } catch {
      throw problem ?? CallFailure(error)
    }
  }

  /// What an inventory answered.
  struct Hosts: Codable {
    let entries: [Value]
  }

  /// Keeps what inventories answered, by name; a failure costs nothing but that.
  func keep(_ answers: [String: [Value]], of path: String) {
    guard let folder, let file = file(of: path, kind: "hosts") else { return }
    guard let data = try? JSONEncoder.stable().encode(answers.mapValues { Hosts(entries: $0) }) else { return }
    guard FileManager.default.contents(atPath: file) != data else { return }
    let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: attributes)
    try? data.write(to: URL(fileURLWithPath: file), options: .atomic)
  }

  /// What inventories of a site answered the last time, by name.
  func hosts(of path: String) -> [String: Hosts] {
    guard let file = file(of: path, kind: "hosts"), let data = FileManager.default.contents(atPath: file) else {
      return [:]
    }
    return (try? JSONDecoder().decode([String: Hosts].self, from: data)) ?? [:]
  }

  private func file(of path: String, kind: String = "") -> String? {
    let ending = kind.isEmpty ? "json" : "\(kind).json"
    return folder.map { "\($0)/\(SHA256(hashing: absolute(path).utf8).hex.prefix(16)).\(ending)" }
  }

  private func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

  private func age(_ date: Date?) -> String {
    guard let date else { return "some time ago" }
    let seconds = max(0, Int(Date().timeIntervalSince(date)))
    switch seconds {
    case ..<120: return "\(seconds) s ago"
    case ..<7200: return "\(seconds / 60) min ago"
    case ..<172_800: return "\(seconds / 3600) h ago"
    default: return "\(seconds / 86_400) days ago"
    }
  }
}
