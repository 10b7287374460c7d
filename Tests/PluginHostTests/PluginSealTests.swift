import Foundation
import PluginHost
import PrimitiveKit
import Testing

/// What a signature of a plugin covers.
struct PluginSealTests {
  private let folder = PluginFolder()

  private func seal() throws(CallFailure) -> String {
    String(decoding: try SealedFiles("\(folder.root)/desk").text, as: UTF8.self)
  }

  @Test func `every file counts, with its name and its place`() throws {
    try folder.add("desk", ["plugin.lua": "return 1", "init.lua": "return 2", "runbooks/a.lua": "x", ".hidden": ""])
    let first = try seal()
    #expect(first.split(separator: "\n").count == 4)
    let changes: [(String, String)] = [
      ("init.lua", "return 3"), ("new.lua", ""), ("runbooks/b.lua", "x"), (".hidden", "x"),
    ]
    var seen: Set<String> = [first]
    for (name, text) in changes {
      try folder.add("desk", [name: text])
      #expect(seen.insert(try seal()).inserted, "\(name)")
    }
    let before = try seal()
    try FileManager.default.moveItem(atPath: "\(folder.root)/desk/new.lua", toPath: "\(folder.root)/desk/old.lua")
    #expect(try seal() != before)
  }

  @Test func `a name of a file cannot pass for another line`() throws {
    try folder.add("desk", ["a\nb": "x"])
    #expect(try seal().split(separator: "\n").count == 1)
  }

  @Test func `a link cannot be signed`() throws {
    try folder.add("desk", ["init.lua": "return 1"])
    let link = "\(folder.root)/desk/link.lua"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/etc/passwd")
    let failure = #expect(throws: CallFailure.self) { try seal() }
    #expect(failure?.message == "\(link) is no regular file, so a signature cannot cover it")
  }

  // Code that was changed or added after the start ran with the rights of the signed plugin.
  @Test func `what is read of a signed plugin later must be what was signed`() async throws {
    let world = try PluginWorld()
    try world.add(acting: "desk", "return require(args.x)")
    try world.folder.add("desk", ["lib.lua": "return 1", "other.lua": "return 1", "runbooks/open.lua": "return {}"])
    try await world.open(isSigned: true)
    #expect(try await world.type("return desk.act 'lib'") == [.int(1)])
    try world.folder.add("desk", ["other.lua": "return 666", "new.lua": "return 666"])
    for name in ["other", "new"] {
      let failure = await world.failure("desk.act '\(name)'")
      #expect(failure?.code == "plugin.signature", "\(name): \(String(describing: failure))")
      #expect(failure?.message.contains("desk/\(name).lua was changed after the signature") == true)
    }
    let runbook = "\(world.folder.root)/desk/runbooks/open.lua"
    try world.host.admit(runbook: runbook, "return {}")
    try world.host.admit(runbook: "elsewhere/open.lua", "return { }")
    for path in [runbook, "\(world.folder.root)/desk/./runbooks/../runbooks/open.lua"] {
      #expect(throws: CallFailure.self) { try world.host.admit(runbook: path, "return { }") }
    }
  }
}
