import Foundation
import Journal
import OpshLab
import PrimitiveKit

/// What goes wrong in one seed: once for the process that begins, and perhaps again for the one that takes it up.
struct Storm: Sendable, CustomStringConvertible {
  enum Kind: String, Sendable, CaseIterable {
    /// The connections to some hosts end.
    case connections
    /// The sshd of some hosts is killed with its connections, and raised again.
    case servers
    /// The journal's disk is full, or cannot be written, from some write on.
    case full
    case readOnly
    /// opsh is killed at some write, and connections end as well.
    case kill
  }

  let kind: Kind
  /// Of the time an undisturbed run takes, when it begins, and how long it lasts.
  let begin: Double
  let length: Double
  let hosts: [String]
  /// Of all syncs, or of all writes, when the disk or opsh goes.
  let place: Double

  init(_ random: inout Seeded, hosts: [String]) {
    kind = Kind.allCases[random.below(Kind.allCases.count)]
    begin = random.unit()
    length = random.unit() * 0.3
    place = random.unit()
    self.hosts = hosts.filter { _ in random.unit() < 0.4 }
  }

  var description: String {
    "\(kind) at \(Int(begin * 100)) % for \(Int(length * 100)) %, place \(Int(place * 100)) %, \(hosts.joined(separator: " "))"
  }

  /// What is done to the process itself.
  func harm(syncs: Int) -> Harm {
    // A commit writes some four pages of the log.
    switch kind {
    case .connections, .servers: .none
    case .full: .disk("full", from: 1 + Int(place * Double(syncs * 4)))
    case .readOnly: .disk("read-only", from: 1 + Int(place * Double(syncs * 4)))
    case .kill: .kill(at: 1 + Int(place * Double(syncs)), length < 0.15 ? .before : .after)
    }
  }

  /// What is done to the hosts while it runs.
  func strike(_ prey: Prey, within duration: Duration) async throws {
    guard kind == .connections || kind == .servers || kind == .kill else { return }
    try await Task.sleep(for: duration * begin)
    if kind == .servers {
      for host in hosts { try await prey.lab.break(.sshd, host: host) }
      try await Task.sleep(for: duration * length)
      for host in hosts { try await prey.lab.mend(host: host) }
    } else {
      for host in hosts { prey.cut(host) }
    }
  }
}

/// Numbers that follow from a seed (splitmix64).
struct Seeded {
  private var state: UInt64

  init(_ seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
  mutating func unit() -> Double { Double(next() >> 11) / Double(1 << 53) }
}

extension Prey {
  /// Ends the sessions of a host's sshd; it goes on listening.
  func cut(_ host: String) {
    let files = FileManager.default
    var parents: [Int32: Int32] = [:]
    var listener: Int32?
    for entry in (try? files.contentsOfDirectory(atPath: "/proc")) ?? [] {
      guard let pid = Int32(entry), let stat = text("/proc/\(pid)/stat"), let end = stat.lastIndex(of: ")") else {
        continue
      }
      let command = text("/proc/\(pid)/cmdline") ?? ""
      guard stat.contains("(sshd") else { continue }
      parents[pid] = stat[stat.index(end, offsetBy: 2)...].split(separator: " ").dropFirst().first.flatMap { Int32($0) }
      if command.contains("\(lab.directory)/run/sshd-\(host).conf") { listener = pid }
    }
    guard let listener else { return }
    for (pid, parent) in parents where parent == listener || parents[parent] == listener { kill(pid, SIGKILL) }
  }

  private func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }
}
