import Foundation
import Journal
import PrimitiveKit
import Runs
import Testing

@testable import Runbooks

/// A resumed run has the modules that it began with.
struct ModuleChangeTests {
  let stage = Stage()
  private let body = """
    local words = require "words"
    job:step('a', function() mark(words.first) end) job:step('b', function() mark('b') end)
    """

  private func module(_ text: String) throws {
    try FileManager.default.createDirectory(atPath: "\(stage.directory)/lua", withIntermediateDirectories: true)
    try text.write(toFile: "\(stage.directory)/lua/words.lua", atomically: true, encoding: .utf8)
  }

  @Test func `a module that changed since keeps a run from going on, and the same one lets it`() async throws {
    try module("return { first = 'a' }")
    stage.fleet.next("b", .fail)
    let first = try await stage.desk()
    let end = try await first.run(body)
    #expect(end.failure != nil && stage.fleet.written == ["a": 1])
    try module("return { first = 'other' }")
    let refused = await (try await stage.desk(.ben)).resume(end.run)
    #expect(refused.failure?.code == "run.differs")
    #expect(refused.failure?.message == "words changed since the run was planned")
    try module("return { first = 'a' }")
    #expect(await (try await stage.desk(.ben)).resume(end.run).failure == nil)
    #expect(stage.fleet.written == ["a": 1, "b": 1])
  }

  @Test func `the plan names the modules it was made with, and those that they require`() async throws {
    try module("local more = require('more') return more")
    try "return { first = 'a' }".write(toFile: "\(stage.directory)/lua/more.lua", atomically: true, encoding: .utf8)
    let desk = try await stage.desk()
    let run = try await desk.run(body).run
    let (plan, _) = try await desk.engine.runs.registry.open().plan(of: run)
    #expect(plan.modules.map { Set($0.keys) } == ["words", "more"])
  }
}
