import Foundation
import OpshLab

/// What hosts look like: files, processes, and how often bots were started.
struct HostPicture: Sendable, Equatable {
  /// Path and what is there.
  private(set) var lines: [String: String] = [:]

  /// Looks at the hosts; starts count from the last `reset`.
  ///
  /// A whole picture leaves out only what bots write by themselves all the time.
  static func of(_ prey: Prey, isWhole: Bool = false) throws -> HostPicture {
    var picture = HostPicture()
    for host in prey.lab.hosts {
      let home = prey.lab.layout.home(of: host.name)
      for path in try FileManager.default.subpathsOfDirectory(atPath: home)
      where isWhole ? !isOfBots(path) : isStable(path) {
        picture.lines["\(host.name)/\(path)"] = try content(home + "/" + path)
      }
    }
    for (bot, count) in try prey.starts() { picture.lines["starts of \(bot)"] = "\(count)" }
    for (bot, count) in prey.processes() { picture.lines["processes of \(bot)"] = "\(count)" }
    return picture
  }

  // What differs from run to run by its nature: ids, process ids, times, the host script's own books, and the text a bot
  // writes by itself.
  private static func isStable(_ path: String) -> Bool {
    let name = path.split(separator: "/").last ?? ""
    let books = ["epoch", "epoch.lock", "lock", "lock.owner", "runs", "swap"].map { ".opsh/\($0)" }
    if path.hasPrefix(".opsh/runs/") || books.contains(path) || path.hasPrefix("registry/") { return false }
    return name != "pid" && !isOfBots(path)
  }

  private static func isOfBots(_ path: String) -> Bool {
    path.hasPrefix("bots/data/") || path.contains("/heartbeat") || path.hasSuffix(".log")
  }

  private static func content(_ path: String) throws -> String {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    let mode = String((attributes[.posixPermissions] as? Int) ?? 0, radix: 8)
    switch attributes[.type] as? FileAttributeType {
    case .typeSymbolicLink: return "link to \(try FileManager.default.destinationOfSymbolicLink(atPath: path))"
    case .typeRegular:
      let data = FileManager.default.contents(atPath: path) ?? Data()
      if data.count > 2000 { return "file \(mode) of \(data.count) bytes, hash \(data.hashValue)" }
      return "file \(mode): \(String(decoding: data, as: UTF8.self))"
    case .typeDirectory: return "directory \(mode)"
    default: return "something else"
    }
  }

  /// Lines that are not the same in both.
  func differences(from other: HostPicture) -> [String] {
    Set(lines.keys).union(other.lines.keys).sorted().compactMap { key in
      lines[key] == other.lines[key]
        ? nil : "\(key): \(lines[key] ?? "nothing") instead of \(other.lines[key] ?? "nothing")"
    }
  }
}

extension Prey {
  /// How often every bot has been started since the last `reset`, by its logs.
  func starts() throws -> [String: Int] {
    var found: [String: Int] = [:]
    for host in lab.hosts {
      for bot in host.bots {
        let log = lab.layout.botRoot(of: host.name) + "/\(bot)/log"
        for name in (try? FileManager.default.contentsOfDirectory(atPath: log)) ?? [] {
          let text = (try? String(contentsOfFile: "\(log)/\(name)", encoding: .utf8)) ?? ""
          found[bot, default: 0] += text.components(separatedBy: " starts, version ").count - 1
        }
      }
    }
    return found
  }

  /// How many processes run in the home of each bot.
  func processes() -> [String: Int] {
    var homes: [String: String] = [:]
    for host in lab.hosts {
      for bot in host.bots { homes[lab.layout.botRoot(of: host.name) + "/\(bot)"] = bot }
    }
    var found = Dictionary(uniqueKeysWithValues: homes.values.map { ($0, 0) })
    for entry in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] where Int(entry) != nil {
      guard let place = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(entry)/cwd"),
        let bot = homes[place.replacingOccurrences(of: "-prev", with: "")]
      else { continue }
      found[bot, default: 0] += 1
    }
    return found
  }
}

extension Prey {
  /// Waits until nothing that opsh started works on the hosts any more.
  func quiet() async throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while !workers().isEmpty {
      if ContinuousClock.now > deadline { throw Busy(workers: workers()) }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  struct Busy: Error { let workers: [String] }

  /// Processes that work in the home of a host; bots work in their own.
  private func workers() -> [String] {
    let homes = Set(lab.hosts.map { lab.layout.home(of: $0.name) })
    let files = FileManager.default
    return ((try? files.contentsOfDirectory(atPath: "/proc")) ?? []).filter { entry in
      guard Int(entry) != nil, let place = try? files.destinationOfSymbolicLink(atPath: "/proc/\(entry)/cwd") else {
        return false
      }
      return homes.contains(place)
    }
  }
}
