import Foundation
import Subprocess
import Testing

@testable import HostScript

struct PlacementTests {
  private let home: String

  init() throws {
    home = FileManager.default.temporaryDirectory.appendingPathComponent("opsh-place-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: home + "/.opsh", withIntermediateDirectories: true)
    try write("5\n", ".opsh/epoch")
    try write("old", "motd")
    try write("new", ".motd.opsh-1")
  }

  private func write(_ text: String, _ path: String) throws {
    try text.write(toFile: "\(home)/\(path)", atomically: true, encoding: .utf8)
  }

  private func read(_ path: String) -> String? { try? String(contentsOfFile: "\(home)/\(path)", encoding: .utf8) }

  private func place(_ staged: String, at path: String, epoch: Int) async throws -> Int32? {
    let words = HostScript.placement(of: staged, at: path, epoch: epoch)
    let program = #"cd "$HOME" && exec "$@""#
    let environment = ["HOME": home, "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"]
    defer { try? FileManager.default.removeItem(atPath: home) }
    let ending = try await Subprocess(
      path: "/bin/sh",
      arguments: ["-c", program, "sh"] + words,
      environment: environment
    ).run()
    #expect(read(staged) == nil)
    if ending.status == 0 { #expect(read(path) == "new") }
    if ending.status == Int32(HostScript.staleStatus) { #expect(read(path) == "old") }
    return ending.status
  }

  @Test func `a file that was sent under an old lease is not put in its place`() async throws {
    #expect(try await place(".motd.opsh-1", at: "motd", epoch: 4) == Int32(HostScript.staleStatus))
  }

  @Test(arguments: [5, 6])
  func `a file that was sent under the newest lease replaces the old one`(epoch: Int) async throws {
    #expect(try await place(".motd.opsh-1", at: "motd", epoch: epoch) == 0)
  }

  @Test func `what attempts that were cut off left behind goes with the one that came through`() async throws {
    for left in [".motd.opsh-9", "..motd.opsh-9.opsh-2iq"] { try write("half", left) }
    let kept = [".motd2.opsh-9", ".motd"]
    for other in kept { try write("other", other) }
    let words = HostScript.placement(of: ".motd.opsh-1", at: "motd", epoch: 5)
    defer { try? FileManager.default.removeItem(atPath: home) }
    let program = #"cd "$HOME" && exec "$@""#
    let ending = try await Subprocess(
      path: "/bin/sh",
      arguments: ["-c", program, "sh"] + words,
      environment: ["HOME": home, "PATH": "/usr/bin:/bin"]
    ).run()
    #expect(ending.status == 0 && read("motd") == "new")
    #expect(try FileManager.default.contentsOfDirectory(atPath: home).sorted() == ([".opsh", "motd"] + kept).sorted())
  }

  @Test func `a file replaces no directory`() async throws {
    try FileManager.default.removeItem(atPath: home + "/motd")
    try FileManager.default.createDirectory(atPath: home + "/motd", withIntermediateDirectories: true)
    #expect(try await place(".motd.opsh-1", at: "motd", epoch: 5) == 1)
  }
}
