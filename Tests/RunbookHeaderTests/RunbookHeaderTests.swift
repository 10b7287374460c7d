import Foundations
import LuaRuntime
import PrimitiveKit
import RunbookHeader
import Testing

struct RunbookHeaderTests {
  @Test func `a header says all there is to say`() async throws {
    let file = try await RunbookFile.load(Sample.deploy, path: "runbooks/deploy.lua", engine: Sample.engine())
    let header = file.header
    #expect(file.name == "deploy")
    #expect(file.sha256 == SHA256(hashing: Sample.deploy.utf8).hex)
    #expect(file.module["run"]?.function != nil)
    #expect(header.version == SemanticVersion(1, 4, 0))
    #expect(header.owner == "trading-ops")
    #expect(header.updated?.description == "2026-11-02")
    #expect(header.reviewAfter?.description == "2027-05-01")
    #expect(header.effects == [.reads, .changes])
    #expect(header.locks.map(\.description) == ["environment/{environment}", "host/{hosts} (shared)"])
    #expect(
      header.confirmation == RunbookConfirmation(kind: .count, answer: .function, text: "Roll {target} to {image}?")
    )
    #expect(header.requirements.opsh?.description == ">=0.1")
    #expect(header.requirements.plugins.map(\.id) == ["process"])
    #expect(header.exactness == 0.95)
    #expect(header.policy.onFailure == .rollback)
    #expect(header.policy.retries == 1)
    #expect([header.hasCheck, header.hasRun, header.hasUndo, header.hasVerify] == [true, true, true, false])
    #expect(header.params.map(\.name) == ["target", "image", "speed", "settle", "environment", "hosts", "dry"])
    #expect(header.params.map(\.isRequired) == [true, false, false, false, false, false, false])
    #expect(
      header.params.map(\.type.description).joined(separator: " ")
        == "hosts image speed duration string list of hosts boolean"
    )
    #expect(header.params[3].minimum == 10)
    #expect(header.params[3].fallback == .int(120))
  }

  @Test func `a header of almost nothing reads only, locks nothing and stops on failure`() async throws {
    let header = try await Sample.header("{ version = '0.0.1', run = function() end }")
    #expect(header.effects == [.reads])
    #expect(header.locks.isEmpty && header.params.isEmpty && header.confirmation == nil)
    #expect(header.policy.onFailure == .stop)
    #expect(!header.isSigned && header.exactness == nil)
    #expect(header.cures.isEmpty && !header.isEmergency)
  }

  @Test func `a header names what it cures, and an emergency`() async throws {
    let header = try await Sample.header(
      "{ version = '0.0.1', cures = { '*.max_locked', 'rocky.rejects' }, emergency = true, run = function() end }"
    )
    #expect(header.cures == ["*.max_locked", "rocky.rejects"] && header.isEmergency)
  }

  static let wrong: [(fields: String, message: String, hint: String?)] = [
    ("version = '1.0'", #"version: expected three numbers such as "1.0.0", got "1.0""#, nil),
    ("version = '01.0.0'", #"version: expected three numbers such as "1.0.0", got "01.0.0""#, nil),
    ("version = 1", #"version: expected three numbers such as "1.0.0", got 1"#, nil),
    ("sumary = 'x'", "sumary: unknown field", "did you mean 'summary'?"),
    ("summary = ''", #"summary: expected one line of text, got """#, nil),
    ("summary = 'a\\nb'", "summary: expected one line of text, got text with a control character", nil),
    ("updated = '2026-02-30'", #"updated: expected a date such as "2026-11-02", got "2026-02-30""#, nil),
    ("review_after = 30", "review_after: expected a date, or a number of days together with `updated`, got 30", nil),
    ("updated = '2026-01-01', review_after = 0", "review_after: expected a whole number from 1 to 3650, got 0", nil),
    ("cures = true", "cures: expected a list of names of checks, got true", nil),
    ("emergency = 'yes'", #"emergency: expected true or false, got "yes""#, nil),
    ("effects = 'changes'", #"effects: expected a list of effects such as { "changes" }, got "changes""#, nil),
    (
      "effects = { 'change' }",
      #"effects[1]: expected one of "reads", "changes", "trades", "administers", got "change""#,
      "did you mean 'changes'?"
    ),
    (
      "params = { { 'target', type = 'hots' } }", #"params[1].type: expected a type, got "hots""#,
      "did you mean 'bots' or 'hosts'?"
    ),
    ("params = { { 'target', tipe = 'hosts' } }", "params[1].tipe: unknown field", "did you mean 'type'?"),
    ("params = { { type = 'hosts' } }", "params[1]: has no name", "the name comes first: { \"target\", … }"),
    ("params = { { 'a', 'b' } }", "params[1]: expected one name and named fields, got a table", nil),
    ("params = { { 'a', 'b', help = 'x' } }", "params[1][2]: unknown field", nil),
    (
      "params = { { 'end' } }", #"params[1][1]: expected a Lua name: letters, digits and _, not a keyword, got "end""#,
      nil
    ),
    ("params = { { 'a' }, 'a' }", "params[2]: the parameter 'a' is declared twice", nil),
    ("params = { a = 1 }", #"params: expected a list such as { { "target", type = "hosts" } }, got a table"#, nil),
    (
      "params = { { 'n', type = 'integer', default = 'x' } }",
      #"params[1].default: expected a whole number, got "x""#, nil
    ),
    (
      "params = { { 'n', type = 'integer', default = 9, max = 5 } }", "params[1].default: expected at most 5, got 9",
      nil
    ),
    (
      "params = { { 'n', choices = { 'a' }, default = 'b' } }",
      #"params[1].default: expected one of a, got "b""#, "did you mean 'a'?"
    ),
    ("params = { { 'n', choices = {} } }", "params[1].choices: expected at least one choice, got a table", nil),
    (
      "params = { { 'n', default = 'a', required = true } }",
      "params[1].required: expected no `required` together with a default, got true", nil
    ),
    (
      "params = { { 'n', pattern = '%d+' } }",
      #"params[1].pattern: expected a regular expression, not a Lua pattern, got "%d+""#, nil
    ),
    ("params = { { 'n', pattern = '(' } }", #"params[1].pattern: expected a regular expression, got "(""#, nil),
    (
      "params = { { 'n', min = 3 } }",
      "params[1].min: expected no bound: only numbers, durations and lists have min and max, and this is of type string, got 3",
      nil
    ),
    (
      "params = { { 'n', type = 'number', min = 3, max = 2 } }",
      "params[1].min: expected at most the value of `max`, got 3", nil
    ),
    (
      "params = { { 'n', completion = 'host' } }",
      #"params[1].completion: expected one of bots, files, hosts, images, none, selectors, got "host""#,
      "did you mean 'hosts'?"
    ),
    (
      "lock = 'host/{targt}', params = { { 'target' } }",
      #"lock: expected parameters in braces; no parameter is called 'targt', got "host/{targt}""#,
      "did you mean 'target'?"
    ),
    ("lock = 'host'", #"lock: expected a scope, got "host""#, "`fleet`, or pairs of words such as `host/{target}`"),
    (
      "lock = { scope = 'fleet', mode = 'intent_shared' }",
      #"lock.mode: expected "exclusive" or "shared", got "intent_shared""#, nil
    ),
    ("lock = { { mode = 'shared' } }", "lock[1].scope: is missing: expected what is locked", "add `scope = …`"),
    ("confirm = 'maybe'", #"confirm: expected one of "count", "amount", "name", "yes", got "maybe""#, nil),
    ("confirm = { value = '{x}' }", "confirm.type: is missing: expected what is typed", nil),
    (
      "confirm = { type = 'name', value = '{x}' }",
      "confirm.value: expected parameters in braces; no parameter is called 'x', got \"{x}\"", nil
    ),
    (
      "confirm = { type = 'name', value = 5 }",
      "confirm.value: expected a text with parameters in braces, or a function of the plan, got 5", nil
    ),
    ("requires = { opsh = 'new' }", #"requires.opsh: expected versions such as ">=0.1", got "new""#, nil),
    ("requires = { plugin = {} }", "requires.plugin: unknown field", "did you mean 'plugins'?"),
    ("exactness = 95", #"exactness: expected a share from 0 to 1, or a text such as "95%", got 95"#, nil),
    ("exactness = '195%'", #"exactness: expected a share from 0 to 1, or a text such as "95%", got "195%""#, nil),
    ("on_failure = 'retry'", #"on_failure: expected one of "stop", "rollback", "skip", got "retry""#, nil),
    ("policy = { retries = -1 }", "policy.retries: expected a whole number from 0 to 100, got -1", nil),
    ("signed = 'yes'", #"signed: expected true or false, got "yes""#, nil),
    ("check = 5", "check: expected a function, got 5", nil),
    ("summary = function() end", "summary: expected one line of text, got a function", nil),
  ]

  @Test(arguments: wrong.indices)
  func `what is wrong is named with the field, what was expected and what was found`(index: Int) async throws {
    let (fields, message, hint) = Self.wrong[index]
    let version = fields.hasPrefix("version") ? "" : "version = '1.0.0', "
    let failure = try await Sample.failure("{ \(version)run = function() end,\n\(fields) }")
    #expect(failure?.code == "runbook.header")
    #expect(failure?.message == "runbooks/deploy.lua:2: \(message)")
    let general = "run `opsh lint runbooks/deploy.lua` to see everything that is wrong"
    if let hint { #expect(failure?.hint == hint) } else { #expect(failure?.hint != nil) }
    if fields == "confirm = 'maybe'" { #expect(failure?.hint == general) }
  }

  @Test func `what is missing is named`() async throws {
    #expect(
      try await Sample.failure("{ run = function() end }")?.message
        == "runbooks/deploy.lua:1: version: is missing: expected three numbers such as \"1.0.0\""
    )
    #expect(
      try await Sample.failure("{ version = '1.0.0' }")?.message
        == "runbooks/deploy.lua:1: run: is missing: expected the function that does the work"
    )
    #expect(
      try await Sample.failure("5")?.message
        == "runbooks/deploy.lua:1: the runbook: expected the table of a runbook, got 5"
    )
  }

  @Test(arguments: [("return { run = function( end }", "line before"), ("return { run = function()", "ends too early")])
  func `a mistake of syntax comes with a hint where to look`(_ text: String, _ words: String) async throws {
    let engine = try Sample.engine()
    let failure = await #expect(throws: CallFailure.self) {
      try await RunbookFile.load(text, path: "a.lua", engine: engine)
    }
    #expect(failure?.code == "lua.syntax")
    #expect(failure?.hint?.contains(words) == true, "\(failure as Any)")
  }

  @Test func `every problem of a header is found in one reading`() async throws {
    let source = """
      return {
        version = "1",
        owners = "me",
        params = { { "a", type = "x" } },
        run = 1,
      }
      """
    let module = try await RunbookFile.evaluate(source, path: "a.lua", engine: Sample.engine())
    let (_, problems) = RunbookHeader.read(module, file: "a.lua", source: source)
    #expect(problems.map { $0.place?.line } == [2, 3, 4, 5])
    #expect(problems.map(\.kind) == [.wrong, .unknown, .wrong, .wrong])
    #expect(problems.map(\.path) == ["version", "owners", "params[1].type", "run"])
  }

  @Test func `loading a runbook calls no primitive`() async throws {
    let engine = try Sample.engine()
    let failure = await #expect(throws: CallFailure.self) {
      try await RunbookFile.load("fleet.hosts()", path: "a.lua", engine: engine)
    }
    #expect(failure?.code == "call.effect")
    #expect(
      failure?.message.hasSuffix("fleet.hosts has the effect 'reads', but loading a.lua calls no primitive") == true
    )
  }

  @Test func `a runbook whose loading does not end is stopped`() async throws {
    let engine = try Sample.engine()
    let failure = await #expect(throws: CallFailure.self) {
      try await RunbookFile.load("while true do end", path: "a.lua", engine: engine)
    }
    #expect(failure?.code == "lua.instructions")
  }
}
