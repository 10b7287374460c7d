import Foundation
import Glibc
import SSH

/// A real sshd on loopback, with keys and known_hosts of its own.
final class SSHServer: Sendable {
  let port: UInt16
  let folder: String
  private let leash: Leash

  /// Starts sshd and waits until it answers.
  init(_ options: [String] = [], hostKey: String = TestKeys.shared.hostKey) throws {
    folder = try Scratch.folder("sshd")
    port = Self.freePort()
    if getuid() == 0 { try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true) }
    let configuration =
      options + [
        // Every 127.x address, and nothing beyond the loopback device.
        "ListenAddress 0.0.0.0:\(port) rdomain lo",
        "HostKey \(hostKey)",
        "PidFile none",
        "AuthorizedKeysFile \(TestKeys.shared.folder)/authorized_keys",
        "StrictModes no",
        "UsePAM no",
        "PermitRootLogin yes",
        "PasswordAuthentication no",
        "LogLevel VERBOSE",
        "UseDNS no",
        "Subsystem sftp /usr/lib/openssh/sftp-server",
      ]
    try configuration.joined(separator: "\n").write(toFile: "\(folder)/config", atomically: true, encoding: .utf8)
    leash = try Leash("/usr/sbin/sshd", ["-D", "-f", "\(folder)/config", "-E", "\(folder)/log"], folder: folder)
    let log = "\(folder)/log"
    try Scratch.await("sshd listens: \(log)") {
      let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
      return text.contains("Server listening") ? true : nil
    }
  }

  /// The listening sshd.
  var processID: pid_t { leash.processID }

  /// What sshd has written to its log.
  var log: String { (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? "" }

  /// How many logins sshd has accepted.
  var logins: Int { log.components(separatedBy: "Accepted publickey").count - 1 }

  /// The processes of one connection: those that sshd forked.
  var sessions: [pid_t] {
    let children = (try? String(contentsOfFile: "/proc/\(processID)/task/\(processID)/children", encoding: .utf8)) ?? ""
    return children.split(separator: " ").compactMap { pid_t($0) }
  }

  func endpoint(_ address: String = "127.0.0.1", user: String = Scratch.user, name: String? = nil) -> SSHEndpoint {
    SSHEndpoint(address: address, port: port, user: user, name: name)
  }

  /// A known_hosts file that lists this server for these addresses.
  func knownHosts(_ addresses: [String] = ["127.0.0.1"], key: String? = nil) throws -> String {
    let key = try key ?? TestKeys.publicKey(TestKeys.shared.hostKey)
    let path = "\(folder)/known_hosts.\(UUID().uuidString)"
    let lines = addresses.map { "[\($0)]:\(port) \(key)\n" }
    try lines.joined().write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  func configuration(_ addresses: [String] = ["127.0.0.1"]) throws -> SSHConfiguration {
    SSHConfiguration(knownHosts: [try knownHosts(addresses)], keyFiles: [TestKeys.shared.ed25519])
  }

  func client(_ change: (inout SSHConfiguration) -> Void = { _ in }) throws -> SSHClient {
    var configuration = try configuration()
    change(&configuration)
    return SSHClient(configuration: configuration)
  }

  private static func freePort() -> UInt16 {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(socket, $0, length)
        _ = getsockname(socket, $0, &length)
      }
    }
    return UInt16(bigEndian: address.sin_port)
  }
}
