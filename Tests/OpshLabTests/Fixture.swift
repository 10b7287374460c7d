import Foundation
import Foundations
import Testing

@testable import OpshLab

/// Raises a lab in a directory of its own, hands it over and tears it down, whatever the body does.
func withLab(
  hosts: Int = 1,
  botsPerHost: Int = 2,
  staging: Bool = false,
  _ body: (Lab) async throws -> Void
) async throws {
  let lab = try await Lab.up(
    directory: freshDirectory(),
    size: Lab.Size(hosts: hosts, botsPerHost: botsPerHost, staging: staging)
  )
  do {
    try await body(lab)
  } catch {
    try? await lab.down()
    throw error
  }
  try await lab.down()
}

func freshDirectory() -> String {
  let base = FileManager.default.temporaryDirectory.path(percentEncoded: false)
  return (base.hasSuffix("/") ? base : base + "/") + "opsh-lab-test-\(UUID().uuidString.prefix(8))"
}

extension Lab {
  /// The options that make the system's ssh and sftp talk to this lab alone.
  var clientOptions: [String] {
    [
      "-F", "none", "-i", layout.userKey, "-o", "UserKnownHostsFile=\(layout.knownHosts)", "-o", "BatchMode=yes", "-o",
      "GlobalKnownHostsFile=/dev/null", "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=yes", "-o",
      "Port=\(port)",
    ]
  }

  /// Runs a command on a host with the system's ssh; its output, or a `LabError.tool` with it.
  @discardableResult
  func ssh(_ host: String, _ command: String, options: [String] = []) async throws -> String {
    let address = try record.host(named: host).address
    let ssh = try Tool.find("ssh", package: "openssh-client")
    let arguments = clientOptions + options + ["\(user)@\(address)", command]
    // The client may wait for seconds, and tests share few threads.
    return try await offPool { try Tool.run(ssh, arguments) }
  }

  /// What the keeper keeps: sshd also has short-lived children, for connections that only probe.
  var lasting: [ProcessStatus] {
    get throws {
      let keeper = try #require(ProcessStatus(pidFile: layout.keeperPid))
      return ProcessTable().processes(of: layout).filter { $0.parent == keeper.pid }
    }
  }

  func heartbeat(_ host: String, _ bot: String) -> [String: String] {
    let text = Files.read("\(layout.botRoot(of: host))/\(bot)/heartbeat") ?? ""
    let pairs = text.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
    return Dictionary(pairs.filter { $0.count == 2 }.map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
  }

  func log(_ host: String, _ bot: String) -> String {
    Files.read("\(layout.botRoot(of: host))/\(bot)/log/bot.log") ?? ""
  }

  func process(_ host: String, _ bot: String) -> ProcessStatus? {
    ProcessStatus(pidFile: "\(layout.botRoot(of: host))/\(bot)/pid")
  }
}

/// Probes until the condition holds; a machine that is very busy gets a minute.
func eventually(
  _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ condition: () throws -> Bool
) async throws {
  let deadline = ContinuousClock.now + .seconds(60)
  while try !condition() {
    if ContinuousClock.now > deadline {
      Issue.record("not within a minute: \(what)", sourceLocation: sourceLocation)
      return
    }
    try await Task.sleep(for: .milliseconds(20))
  }
}
