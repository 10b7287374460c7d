import PrimitiveKit
import Specs
import Testing

/// What a spec may say, and how it is told that it is wrong.
struct SpecTests {
  private static let note = """
    return {
      version = "1.0.0", summary = "Writes a note", effects = { "changes" },
      params = { { "text", default = "x" } },
      check = function() return { hosts = #fleet.hosts() } end,
      run = function(job, args)
        print("writing " .. args.text)
        job:step("write", function() fleet.put { on = "web1", path = "note", content = args.text } end)
        return { text = args.text }
      end,
    }
    """

  private func judged(_ body: String) async throws -> SpecResult {
    let answers = #"answers = { ["fleet.hosts"] = { {}, {} }, ["fleet.put"] = {} }"#
    let spec = "return {\n  { name = \"it\", \(answers),\n    \(body) },\n}\n"
    return try await SpecFolder(["note.lua": Self.note, "note_spec.lua": spec]).run("note_spec.lua")
  }

  @Test(arguments: [
    #"calls = { { "fleet.put", on = "web1", path = "note", content = "x" } }"#,
    #"arguments = { text = "y" }, result = { text = "y" }, says = { "writing y" }"#,
    #"steps = { "write: ok" }, state = "ok""#, #"dry = true, calls = {}"#,
    #"plan = { exactness = 1.0, steps = { "write" } }"#,
    #"dry = true, unknown = { "fleet.put" }, plan = { exactness = 0.0 }"#,
    #"arguments = { txt = "y" }, error = { message = "txt" }, calls = {}"#,
  ])
  func `a case that says what happens passes`(body: String) async throws {
    let result = try await judged(body)
    #expect(result.isPassed && result.outcomes.count == 1, "\(SpecReport([result]).text)")
    #expect(SpecReport([result]).exitCode == .ok)
  }

  @Test(arguments: [
    (#"calls = {}"#, #"calls: expected none, got fleet.put { content = "x", on = "web1", path = "note" }"#),
    (#"result = { text = "y" }"#, #"result.text: expected "y", got "x""#),
    (#"says = { "bye" }"#, #"nothing it says contains "bye""#),
    (#"steps = {}"#, "steps: expected none, got write: ok"),
    (#"state = "halted""#, "the state of the run: expected halted, got ok"),
    (#"plan = { steps = { "read" } }"#, #"plan.steps: expected { "read" }, got { "write" }"#),
    (#"notes = { "left out" }"#, #"no note of the plan says "left out": {}"#),
    (#"error = { code = "x.y" }"#, "it succeeded, and should have failed with x.y"),
    (#"arguments = { text = 5 }"#, "it failed with runbook.argument"),
    (
      #"arguments = { text = 5 }, error = { code = "x.y" }"#,
      "the code of its failure: expected x.y, got runbook.argument"
    ),
  ])
  func `a case that says something else fails and says what happened`(body: String, problem: String) async throws {
    let result = try await judged(body)
    let text = SpecReport([result]).text
    #expect(result.failed == 1 && result.problem == nil, "\(text)")
    #expect(text.contains("note_spec.lua:2: it\n") && text.contains(problem), "\(text)")
    #expect(SpecReport([result]).exitCode == .failuresWithinBudget)
  }

  @Test func `a primitive without an answer fails the case and names it`() async throws {
    let spec = #"return { { name = "it" } }"#
    let result = try await SpecFolder(["note.lua": Self.note, "note_spec.lua": spec]).run("note_spec.lua")
    #expect(SpecReport([result]).text.contains("the case has no answer for fleet.hosts"))
  }

  @Test(arguments: [
    ("return {}", 1, "expected a list of cases"), ("return 5", 1, "expected a list of cases"),
    ("return { 5 }", 1, "[1]: expected a case, which is a table"),
    ("return {\n  { calls = {} },\n}", 2, "[1].name: expected what the case shows, in words, got nothing"),
    ("return {\n  { name = \"x\",\n    call = {} },\n}", 3, "[1].call: expected a known key, got 'call'"),
    ("return { { name = \"x\",\n  steps = 5 } }", 2, "[1].steps: expected steps"),
    ("return { { name = \"x\",\n  calls = { 5 } } }", 2, "[1].calls[1]: expected a call such as"),
    ("return { { name = \"x\",\n  calls = { { \"fleet.put\", \"web1\" } } } }", 2, "whose arguments are named"),
    ("return { { name = \"x\",\n  dry = 1 } }", 2, "[1].dry: expected true or false, got 1"),
    ("return { { name = \"x\",\n  typed = { 5 } } }", 2, "[1].typed[1]: expected a text, got 5"),
    ("return { { name = \"x\",\n  error = { cod = \"x\" } } }", 2, "did you mean 'code'"),
    ("return { { name = \"x\",\n  state = function() end } }", 2, "[1].state: expected data, got a function"),
    ("return { { name = \"x\",\n  plan = { 1 } } }", 2, "[1].plan: expected a table with named fields"),
    ("return { { name = \"x\",\n  site = { host = {} } } }", 1, "site.host: expected a known key"),
    ("local x = = 1", 1, "unexpected"), ("\nerror \"no\"", 2, "no"),
  ])
  func `a spec that is wrong is told with its line`(spec: String, line: Int, words: String) async throws {
    let folder = try SpecFolder(["note.lua": Self.note, "note_spec.lua": spec])
    let result = try await folder.run("note_spec.lua")
    let told = [result.problem?.message, result.problem?.hint, result.problem?.trace.first].compactMap(\.self)
    #expect(told.joined(separator: "\n").contains(words), "\(told)")
    #expect(told.joined(separator: "\n").contains("note_spec.lua:\(line)"), "\(told)")
    #expect(SpecReport([result]).exitCode == .dataInvalid)
  }

  @Test func `files that are missing are named`() async throws {
    let folder = try SpecFolder(["a/gone_spec.lua": "return {}", "b/x.lua": ""])
    let result = try await folder.run("a/gone_spec.lua")
    #expect(result.problem?.message.contains("is about gone.lua, which does not exist") == true)
    for (word, what) in [("c", "does not exist"), ("b", "has no specs"), ("b/x.lua", "is not a spec")] {
      let failure = #expect(throws: CallFailure.self) { try Specs.paths(in: ["\(folder.path)/\(word)"]) }
      #expect(failure?.message.contains(what) == true)
    }
    #expect(try Specs.paths(in: [folder.path, "\(folder.path)/a/gone_spec.lua"]) == ["\(folder.path)/a/gone_spec.lua"])
  }
}
