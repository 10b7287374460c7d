import Foundation
import Glibc
import PrimitiveKit
import SSH
import Testing

extension SSHTests {
  struct PutTests {
    let server: SSHServer
    let client: SSHClient
    let folder: String

    init() throws {
      server = try SSHServer()
      client = try server.client()
      folder = try Scratch.folder("put")
    }

    private var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] }

    private func mode(_ path: String) -> UInt32 {
      var status = stat()
      return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    @Test(arguments: [0o600, 0o644, 0o755, 0o666, 0o400] as [UInt32])
    func `a file arrives whole and with exactly its mode`(mode: UInt32) async throws {
      let bytes = (0..<400_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 9) }
      try await client.put(SSHUpload(path: "\(folder)/file", content: bytes, mode: mode), on: server.endpoint())
      #expect(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/file")) == Data(bytes))
      #expect(self.mode("\(folder)/file") == mode)
      #expect(names == ["file"])
    }

    @Test func `an empty file is a file`() async throws {
      try await client.put(SSHUpload(path: "\(folder)/empty", content: []), on: server.endpoint())
      #expect(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/empty")).isEmpty)
    }

    @Test func `an old file is replaced as a whole, and those who read it keep it`() async throws {
      let path = "\(folder)/file"
      try "old".write(toFile: path, atomically: true, encoding: .utf8)
      let reader = try #require(FileHandle(forReadingAtPath: path))
      try await client.put(SSHUpload(path: HostPath(path), content: Array("new".utf8)), on: server.endpoint())
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "new")
      #expect(String(decoding: reader.readDataToEndOfFile(), as: UTF8.self) == "old")
      #expect(names == ["file"])
    }

    @Test func `a directory that is not there is an error`() async throws {
      let path = "\(folder)/missing/file"
      await #expect(throws: SSHError.uploadFailed(server.endpoint(), path: path, reason: "no such directory")) {
        try await client.put(SSHUpload(path: HostPath(path), content: [1]), on: server.endpoint())
      }
    }

    @Test func `a directory in the place of the file stays, and nothing is left behind`() async throws {
      try FileManager.default.createDirectory(atPath: "\(folder)/file", withIntermediateDirectories: false)
      let error = await #expect(throws: SSHError.self) {
        try await client.put(SSHUpload(path: "\(folder)/file", content: [1]), on: server.endpoint())
      }
      #expect(error?.code == "ssh.upload")
      try await awaitNames(["file"])
    }

    @Test func `many files go to one host at once`() async throws {
      let folder = folder
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<20 {
          group.addTask {
            try await client.put(SSHUpload(path: "\(folder)/\(index)", content: [UInt8(index)]), on: server.endpoint())
          }
        }
        try await group.waitForAll()
      }
      #expect(names.count == 20)
    }

    @Test(.enabled(if: getuid() == 0, "mounting a small file system needs root"))
    func `a full disk is named, the old file stays and nothing is left behind`() async throws {
      try Scratch.run("/bin/mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder)
      defer { _ = try? Scratch.run("/bin/umount", folder) }
      let path = "\(folder)/file"
      try "old".write(toFile: path, atomically: false, encoding: .utf8)
      let content = [UInt8](repeating: 7, count: 3 << 20)
      await #expect(throws: SSHError.diskFull(server.endpoint(), path: path)) {
        try await client.put(SSHUpload(path: HostPath(path), content: content), on: server.endpoint())
      }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
      try await awaitNames(["file"])
    }

    // What a failed upload leaves is removed after the call has thrown.
    private func awaitNames(_ expected: [String]) async throws {
      let deadline = ContinuousClock.now + .seconds(20)
      while names != expected, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(10)) }
      #expect(names == expected)
    }
  }
}
