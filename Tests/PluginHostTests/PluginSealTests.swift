import Foundation
import PluginHost
import PrimitiveKit
import Testing

/// What a signature of a plugin covers.
struct PluginSealTests {
  private let folder = PluginFolder()

  private func seal() throws(CallFailure) -> String {
    String(decoding: try PluginSeal.text(of: "\(folder.root)/desk"), as: UTF8.self)
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
}
