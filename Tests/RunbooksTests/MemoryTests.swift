import Journal
import LuaRuntime
import OpshTesting
import PrimitiveKit
import Testing

struct MemoryTests {
  let stage = Stage()

  @Test func `many runs of one runbook hold no more memory than a few`() async throws {
    let desk = try await stage.desk()
    // A text that takes room, so that one copy a run would show.
    let words = String(repeating: "do local x = 'some words that take room' end ", count: 200)
    let body = "\(words) return job:step('a', function() return mark(args.name) end)"
    let source = Desk.book(body, "params = { { 'name', type = 'string' } },")
    func memory(after runs: ClosedRange<Int>) async throws -> Int {
      for number in runs {
        let ending = try await desk.start(source, arguments: ["name": .string("m\(number)")])
        #expect(ending.failure == nil)
      }
      try await desk.lua.run("collectgarbage() collectgarbage()", name: "=gc", kind: .script)
      return await desk.lua.memory
    }
    let few = try await memory(after: 1...10)
    let many = try await memory(after: 11...60)
    // One copy of the text a run would be 450 KB; what the collector leaves for later is a tenth of that.
    #expect(many < few + 200_000, "\(few) bytes after 10 runs, \(many) after 60")
    #expect(desk.journal.texts.heldBytes < 100_000)
  }
}
