import Foundation
import OpshLab
import Testing

/// A small real fleet and the opsh that looks after it.
struct RealFleet: Sendable {
  let lab: Lab
  let opsh: Opsh

  /// Raises a fleet, hands it over and clears it away, whatever the body does.
  static func with(
    hosts: Int,
    botsPerHost: Int = 1,
    staging: Bool = false,
    _ body: (RealFleet) async throws -> Void
  ) async throws {
    let directory = scratch()
    let lab = try await Lab.up(
      directory: directory + "/lab",
      size: Lab.Size(hosts: hosts, botsPerHost: botsPerHost, staging: staging)
    )
    let home = directory + "/home"
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    let fleet = RealFleet(lab: lab, opsh: Opsh(site: lab.site, home: home))
    do {
      try await body(fleet)
    } catch {
      try? await lab.down()
      try? FileManager.default.removeItem(atPath: directory)
      throw error
    }
    // A test may have taken it down itself.
    if FileManager.default.fileExists(atPath: lab.site) { try await lab.down() }
    try FileManager.default.removeItem(atPath: directory)
  }

  /// A directory of its own, not yet there.
  static func scratch() -> String {
    let base = FileManager.default.temporaryDirectory.path(percentEncoded: false)
    return (base.hasSuffix("/") ? base : base + "/") + "opsh-test-\(UUID().uuidString.prefix(8))"
  }

  /// What the bots of all hosts say of themselves: version and login, by name.
  func bots() throws -> [String: String] {
    var found: [String: String] = [:]
    for host in lab.hosts {
      for bot in host.bots {
        let beat = heartbeat(host.name, bot)
        let alive = beat["pid"].map { FileManager.default.fileExists(atPath: "/proc/\($0)") } ?? false
        found[bot] = alive ? "\(beat["version"] ?? "none") \(beat["login"] ?? "none")" : "down"
      }
    }
    return found
  }

  /// The process ids of all bots, by name.
  func processes() -> [String: String] {
    var found: [String: String] = [:]
    for host in lab.hosts { for bot in host.bots { found[bot] = heartbeat(host.name, bot)["pid"] } }
    return found
  }

  /// Waits until all bots run a version and are logged in; a busy machine gets a minute.
  func expectAll(_ state: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try !bots().values.allSatisfy({ $0 == state }) {
      if ContinuousClock.now > deadline {
        Issue.record("not all bots are \(state): \(try bots())", sourceLocation: sourceLocation)
        return
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  private func heartbeat(_ host: String, _ bot: String) -> [String: String] {
    let path = "\(lab.layout.home(of: host))/bots/\(bot)/heartbeat"
    let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let pairs = text.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
    return Dictionary(pairs.filter { $0.count == 2 }.map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
  }

  /// Every file of every host with its type, mode and content; not what bots write all the time.
  func files() throws -> [String: String] {
    var found: [String: String] = [:]
    for host in lab.hosts {
      let home = lab.layout.home(of: host.name)
      for path in try FileManager.default.subpathsOfDirectory(atPath: home) {
        guard !path.contains("/heartbeat"), !path.hasSuffix(".log") else { continue }
        let whole = "\(home)/\(path)"
        let attributes = try FileManager.default.attributesOfItem(atPath: whole)
        let type = attributes[.type] as? FileAttributeType
        let content =
          switch type {
          case .typeSymbolicLink: try FileManager.default.destinationOfSymbolicLink(atPath: whole)
          case .typeRegular: FileManager.default.contents(atPath: whole)?.base64EncodedString() ?? "unreadable"
          default: ""
          }
        let mode = (attributes[.posixPermissions] as? Int) ?? 0
        found["\(host.name)/\(path)"] = "\(type?.rawValue ?? "?") \(mode) \(content)"
      }
    }
    return found
  }
}
