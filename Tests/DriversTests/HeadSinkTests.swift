import Foundation
import Glibc
import PrimitiveKit
import Testing

@testable import Drivers

struct HeadSinkTests {
  private let directory: String

  init() throws {
    directory = NSTemporaryDirectory() + "opsh-sink-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  }

  private func failure(_ sink: any HeadSink) async -> CallFailure? {
    do throws(CallFailure) {
      try await sink.send("head")
      return nil
    } catch {
      return error
    }
  }

  @Test func `a program gets each head on its standard input`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let sink = ProgramSink(command: ["sh", "-c", "cat >> '\(directory)/heads'"])
    try await sink.send("one")
    try await sink.send("two")
    #expect(try String(contentsOfFile: "\(directory)/heads", encoding: .utf8) == "one\ntwo\n")
  }

  @Test(arguments: [
    (["sh", "-c", "echo no room >&2; exit 3"], "sh: it exited with status 3: no room"),
    (["/nowhere/logger"], "/nowhere/logger: "), (["sh", "-c", "kill -9 $$"], "sh: signal 9 ended it"),
    (["sh", "-c", "sleep 60"], "sh: it did not finish within 1 s"),
  ])
  func `a program that fails is named with its reason`(command: [String], words: String) async {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let found = await failure(ProgramSink(command: command, deadline: .milliseconds(700)))
    #expect(found?.code == "audit.sink" && found?.message.hasPrefix(words) == true, "\(String(describing: found))")
  }

  @Test func `the system's log gets a datagram`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = "\(directory)/log"
    let socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
    try await SyslogSink(path: path, process: "opsh[7]").send(#"{"seq":1}"#)
    var bytes = [UInt8](repeating: 0, count: 200)
    let count = recv(socket, &bytes, bytes.count, Int32(MSG_DONTWAIT))
    #expect(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self) == #"<85>opsh[7]: audit head {"seq":1}"#)
  }

  @Test func `a machine without a log is said`() async {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let found = await failure(SyslogSink(path: "\(directory)/nobody"))
    #expect(found?.message == "syslog: \(directory)/nobody: No such file or directory")
  }

  @Test func `a file of a host gets a line at its end`() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let host = HostAddress(name: "me", address: "me", port: 22, user: "root", kind: .local)
    let path = "\(directory)/it's the heads"
    let sink = HostFileSink(host: host, path: HostPath(path), transport: LocalTransport())
    try await sink.send("one")
    try await sink.send("two")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "one\ntwo\n")
    let missing = HostFileSink(host: host, path: "\(directory)/no/heads", transport: LocalTransport())
    #expect(await failure(missing)?.message.hasPrefix("me:\(directory)/no/heads: ") == true)
  }
}
