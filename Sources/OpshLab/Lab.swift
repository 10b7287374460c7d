import Foundation
import Foundations
import Glibc

/// A real fleet on loopback: sshd per host, bots as processes, a login service, all below one directory.
package struct Lab: Sendable {
  package let layout: Layout
  let record: LabRecord
  /// How long raising it took, in seconds.
  package var seconds: Double { record.seconds }
  package var hosts: [LabHost] { record.hosts }
  package var images: [Image] { record.images }
  package var user: String { record.user }
  package var port: Int { record.port }
  package var directory: String { layout.root }
  /// The path of `site.lua`.
  package var site: String { layout.site }
  package var loginService: LoginService { LoginService(address: record.loginAddress, port: record.port) }

  /// How large a lab is to be.
  package struct Size: Sendable, Equatable {
    package var hosts = 6
    package var botsPerHost = 3
    /// One more host with the staging trio; by default where there are at least two production hosts.
    package var staging: Bool?
    /// The system whose units run on its hosts, by its name.
    package var system: String?

    package init(hosts: Int = 6, botsPerHost: Int = 3, staging: Bool? = nil, system: String? = nil) {
      self.system = system
      self.hosts = hosts
      self.botsPerHost = botsPerHost
      self.staging = staging
    }
  }

  /// Raises a lab and returns when every bot is logged in.
  ///
  /// Throws a `LabError`; what was begun is cleared away before it does.
  package static func up(
    directory: String,
    size: Size = Size(),
    port: Int? = nil
  ) async throws -> Lab {
    try await offPool { try raise(directory: directory, size: size, port: port) }
  }

  /// Raises a lab of so many hosts and bots.
  package static func up(directory: String, hosts: Int, botsPerHost: Int) async throws -> Lab {
    try await up(directory: directory, size: Size(hosts: hosts, botsPerHost: botsPerHost))
  }

  /// The lab that is up in a directory.
  package static func open(directory: String) throws -> Lab {
    let layout = try Layout(directory: directory)
    let record = try LabRecord.read(layout)
    guard record.state == .up, ProcessStatus(pidFile: layout.keeperPid) != nil else {
      throw LabError.leftOver(directory: layout.root)
    }
    return Lab(layout: layout, record: record)
  }

  /// Ends every process of the lab and removes its directory.
  package func down() async throws {
    try await Lab.down(directory: directory)
  }

  /// Does the same for a lab that is half up or whose record is damaged.
  package static func down(directory: String) async throws {
    try await offPool { try Lab.clear(try Layout(directory: directory)) }
  }

  /// What is running and what is broken.
  package func status() async throws -> LabStatus {
    try await offPool { try LabStatus(self) }
  }

  /// Breaks one host in one way and returns when it is broken.
  package func `break`(_ kind: Break, host: String) async throws {
    let target = try record.host(named: host)
    try await offPool { try self.apply(kind, to: target) }
  }

  /// Undoes every break of one host, or of all.
  package func mend(host: String? = nil) async throws {
    let targets = try host.map { [try record.host(named: $0)] } ?? record.hosts
    try await offPool { try self.undo(on: targets) }
  }

  /// The directory used when none is named: one lab a user.
  package static var defaultDirectory: String {
    let runtime = ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"] ?? ""
    return (runtime.hasPrefix("/") ? runtime : "/tmp") + "/opsh-lab-\(getuid())"
  }
}

/// Runs blocking work on a thread of its own, so that it holds none of the few cooperative ones.
@discardableResult
func offPool<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    Thread { continuation.resume(with: Swift.Result { try work() }) }.start()
  }
}
