import PrimitiveKit
import Runbooks
import Testing

struct LintRuleTests {
  struct Case: Sendable {
    let rule: LintRule
    let text: String
    let line: Int
    let message: String
    let hint: String?

    init(_ rule: LintRule, _ text: String, _ line: Int, _ message: String, _ hint: String? = nil) {
      self.rule = rule
      self.text = text
      self.line = line
      self.message = message
      self.hint = hint
    }
  }

  private static func book(_ fields: String = "", check: String = "", run: String = "", before: String = "") -> String {
    Lint.runbook(fields, check: check, run: run, before: before)
  }

  private static let changes = #"effects = { "changes" },"#

  static let bad: [Case] = [
    Case(.syntax, "return {\n  x = = 1,\n}", 2, "unexpected symbol near '='"),
    Case(.syntax, "\nfleet.deploy<on='a'", 2, "'fleet.deploy<' at column 13 has no closing '>'"),
    Case(
      .load,
      book(before: "fleet.hosts()"),
      1,
      "loading fails: fleet.hosts has the effect 'reads', but loading a.lua calls no primitive"
    ),
    Case(.load, book(before: "error('no')"), 1, "loading fails: no"),
    Case(.load, book(before: "while true do end"), 1, "loading fails: "),
    Case(
      .headerMissing,
      "return { owner = 'me', summary = 'x', updated = '2026-11-01', review_after = 90, run = function() end }",
      1,
      "version: is missing: expected three numbers such as \"1.0.0\""
    ),
    Case(.headerUnknown, book("ownr = 1,"), 4, "ownr: there is no such field", "did you mean 'owner'?"),
    Case(
      .headerWrong,
      book("exactness = 2,"),
      4,
      "exactness: expected a share from 0 to 1, or a text such as \"95%\", got 2"
    ),
    Case(
      .headerWrong,
      book("params = { { 'x', type = 'hots' } },", run: "return params.x"),
      4,
      "params[1].type: expected a type, got \"hots\""
    ),
    Case(
      .noOwner,
      "return { version = '1.0.0', summary = 'x', updated = '2026-11-01', review_after = 90,\n run = function() end }",
      1,
      "nobody owns the runbook"
    ),
    Case(
      .noSummary,
      "return { version = '1.0.0', owner = 'x', updated = '2026-11-01', review_after = 90,\n run = function() end }",
      1,
      "the runbook does not say what it does"
    ),
    Case(
      .noReview,
      "return { version = '1.0.0', owner = 'x', summary = 'x',\n run = function() end }",
      1,
      "the runbook does not say when it is to be reviewed",
      "add `updated = \"2026-11-21\"` and `review_after = 180`"
    ),
    Case(
      .staleReview,
      "return { version = '1.0.0', owner = 'x', summary = 'x',\n review_after = '2026-11-20',\n run = function() end }",
      2,
      "the review was due on 2026-11-20"
    ),
    Case(
      .parameterUnused,
      book("params = {\n { 'a' },\n { 'b' } },", run: "print(params.a)"),
      6,
      "the parameter 'b' is not used",
      "take it out"
    ),
    Case(
      .parameterUndeclared,
      book("params = { { 'target' } },", run: "print(params.target, params.taget)"),
      9,
      "there is no parameter 'taget'",
      "did you mean 'target'?"
    ),
    Case(.parameterUndeclared, book(run: "local p = params print(p['x'])"), 9, "there is no parameter 'x'"),
    Case(
      .parameterUndeclared,
      book(run: "look(job, params)", before: "local function look(j, given) return given.x end"),
      1,
      "there is no parameter 'x'"
    ),
    Case(.globalRead, book(run: "print(plann)"), 9, "there is no variable 'plann'", "did you mean 'plan'?"),
    Case(.globalRead, book(run: "print(string.fromat)"), 9, "there is no 'string.fromat'", "did you mean 'format'?"),
    Case(.globalRead, "os.execute('x')", 1, "there is no 'os.execute'"),
    Case(.globalRead, "print(io)", 1, "there is no variable 'io'"),
    Case(
      .globalWrite,
      book(run: "count = 1"),
      9,
      "'count' is written to and is no local name",
      "declare it with `local`"
    ),
    Case(.globalWrite, "function helper() end", 1, "'helper' is written to and is no local name"),
    Case(.globalWrite, "_G.x = 1", 1, "'x' is written to and is no local name"),
    Case(.globalWrite, "local f = fleet\nf.x = 1", 2, "'fleet.x' is written to and is no local name"),
    Case(.globalWrite, "function string.trim() end", 1, "'string.trim' is written to and is no local name"),
    Case(.unknownPrimitive, "fleet.deplyo<on='a'>", 1, "there is no 'fleet.deplyo'", "did you mean 'fleet.deploy'?"),
    Case(
      .unknownPrimitive,
      "local f = fleet\nprint(f.nothing)",
      2,
      "there is no 'fleet.nothing'",
      "`help(fleet)` lists what there is"
    ),
    Case(.unknownOption, "fleet.query{ on = 'a', comand = 'b' }", 1, "fleet.query has no argument 'comand'"),
    Case(
      .unknownOption,
      "fleet.query<on='a', tiemout=5>",
      1,
      "fleet.query has no argument 'tiemout'",
      "did you mean 'timeout'?"
    ),
    Case(
      .unknownOption,
      "local q = fleet.query\nq('a', { 'b' }, { timeut = 5 })",
      2,
      "fleet.query has no argument 'timeut'",
      "did you mean 'timeout'?"
    ),
    Case(.unknownOption, "fleet.hosts('a')", 1, "fleet.hosts takes at most 0 arguments", "usage: fleet.hosts()"),
    Case(
      .missingOption,
      "fleet.query{ cmd = 'b' }",
      1,
      "fleet.query needs 'on'",
      "usage: fleet.query(on, [cmd], [timeout])"
    ),
    Case(.missingOption, "fleet.query()", 1, "fleet.query needs 'on'"),
    Case(.missingOption, "fleet.query({})", 1, "fleet.query needs 'on'"),
    Case(
      .effectUndeclared,
      book(run: "fleet.deploy<on='a'>"),
      9,
      "run reaches fleet.deploy, whose effect is 'changes'; effects has only 'reads'",
      "add \"changes\" to effects"
    ),
    Case(
      .effectUndeclared,
      book(run: "job:step('x', function() go() end)", before: "local function go()\n strategy.flatten<on='a'> end"),
      2,
      "run reaches strategy.flatten, whose effect is 'trades'; effects has only 'reads'"
    ),
    Case(
      .effectUndeclared,
      book("undo = function(job) job:hold(secret.mint, print) end,"),
      4,
      "undo reaches secret.mint, whose effect is 'administers'; effects has only 'reads'"
    ),
    Case(
      .effectUndeclared,
      book(run: "helpers.go()", before: "local helpers = {}\nfunction helpers.go() fleet.exec('a', 'b') end"),
      2,
      "run reaches fleet.exec, whose effect is 'changes'; effects has only 'reads'"
    ),
    Case(
      .effectUnused,
      book(#"effects = { "reads", "trades" },"#),
      4,
      "effects has 'trades', and nothing in run, undo or verify needs it",
      "take it out"
    ),
    Case(
      .checkWrites,
      book(changes, check: "fleet.exec('a', 'b')", run: "fleet.deploy<on='a'>"),
      6,
      "check reaches fleet.exec, whose effect is 'changes'; check only looks",
      "move the call into a step of run"
    ),
    Case(.jobMethod, book(run: "job:setp('a', print)"), 9, "the job has no method 'setp'", "did you mean 'step'?"),
    Case(
      .jobMethod,
      book(run: "job.step('a', print)"),
      9,
      "'step' is called on the job with a dot",
      "write job:step(…)"
    ),
    Case(
      .jobMethod,
      book(run: "work(job)", before: "local function work(j) j:nothing() end"),
      1,
      "the job has no method 'nothing'",
      "it has confirm, each, ensure, hold, note, step, wait"
    ),
    Case(
      .stepRepeated,
      book(run: "job:step('a', print)\njob:step('a', print)"),
      10,
      "the step 'a' has the name of the one in line 9",
      "rename one"
    ),
    Case(
      .stepRepeated,
      book(run: "for _, h in ipairs(plan) do job:step('a', print) end"),
      9,
      "the step 'a' is in a loop and has the same name in every round"
    ),
    Case(
      .stepRepeated,
      book("params = { { 'x' } },", run: "while job do job:step('a' .. params.x, print) end"),
      9,
      "the name of this step has no variable of the loop in it, so every round has the same one"
    ),
    Case(
      .stepRepeated,
      book(run: "if plan then job:step('a', print) end job:step('a', print)"),
      9,
      "the step 'a' has the name of the one in line 9"
    ),
    Case(
      .stepRepeated,
      book(run: "job:each(plan, {}, function(h)\njob:step('a', print) job:step('a', print) end)"),
      10,
      "the step 'a' has the name of the one in line 10"
    ),
    Case(
      .stepComputed,
      book("params = { { 'x' } },", run: "job:step('a' .. params.x, print)"),
      9,
      "the name of this step is computed",
      "resume finds a step by its name: write a literal, or build it from the variable of a loop"
    ),
    Case(
      .stepComputed,
      book(run: "local n = 0 while n < 5 do n = n + 1 job:step('a' .. n, print) end"),
      9,
      "the name of this step is computed"
    ),
    Case(.patternKill, "fleet.exec('a', 'pkill -f bot')", 1, "fleet.exec runs pkill, which kills whatever matches"),
    Case(
      .patternKill,
      "local c = 'sudo /usr/bin/killall bot'\nfleet.exec{ on = 'a', cmd = c }",
      1,
      "fleet.exec runs killall, which kills whatever matches"
    ),
    Case(
      .patternKill,
      "fleet.exec<on='a', cmd={ 'pkill', '-f', 'x' }>",
      1,
      "fleet.exec runs pkill, which kills whatever matches"
    ),
    Case(
      .shellQuoting,
      "local unit = args.unit\nfleet.exec('a', 'systemctl restart ' .. unit)",
      2,
      "fleet.exec runs a command that is put together from texts",
      "give a list of words, which opsh quotes: cmd = { \"systemctl\", \"restart\", unit }"
    ),
    Case(
      .shellQuoting,
      "fleet.exec{ on = 'a', cmd = ('rm %s'):format(args.x) }",
      1,
      "fleet.exec runs a command that is put together from texts"
    ),
    Case(
      .shellQuoting,
      "fleet.exec('a', { 'sh', '-c', 'rm ' .. args.x })",
      1,
      "fleet.exec runs a command that is put together from texts"
    ),
    Case(
      .shellQuoting,
      "fleet.exec('a', [[sh -c 'echo \"hello\"']])",
      1,
      "fleet.exec runs a shell in a shell, which takes the quotes apart twice"
    ),
  ]

  @Test(arguments: bad.indices)
  func `a mistake is found where it stands`(index: Int) async throws {
    let mistake = Self.bad[index]
    let findings = try await Lint.findings(mistake.text)
    let found = findings.filter { $0.rule == mistake.rule }
    #expect(findings.map(\.rule) == found.map(\.rule), "\(findings.map(\.text))")
    #expect(found.count == 1, "\(found.map(\.text))")
    #expect(found.first?.place.line == mistake.line)
    if mistake.message.hasSuffix(": ") {
      #expect(found.first?.message.hasPrefix(mistake.message) == true)
    } else {
      #expect(found.first?.message == mistake.message)
    }
    if let hint = mistake.hint { #expect(found.first?.hint == hint) }
  }

  static let good: [(rule: LintRule, text: String)] = [
    (.syntax, "#!/usr/bin/env opsh\nfleet.deploy<on='a'>"),
    (.load, book(run: "return deploy", before: "local deploy = fleet.hosts")),
    (.headerMissing, book()),
    (.headerUnknown, book("refs = 'docs/x.md',")),
    (.headerWrong, book("exactness = '95%',")),
    (.noOwner, book()),
    (.noSummary, book()),
    (
      .noReview,
      "return { version = '1.0.0', owner = 'x', summary = 'x', review_after = '2027-01-01', run = function() end }"
    ),
    (
      .staleReview,
      "return { version = '1.0.0', owner = 'x', summary = 'x', review_after = '2026-11-21', run = function() end }"
    ),
    (
      .parameterUnused,
      book("params = { { 'a' }, { 'b' } }, lock = 'host/{a}', confirm = { type = 'name', value = '{b}' },")
    ),
    (.parameterUnused, book("params = { { 'a' } },", run: "for name in pairs(params) do print(name) end")),
    (.parameterUnused, book("params = { { 'a' } },", run: "local function f() return params.a end f()")),
    (.parameterUndeclared, book("params = { { 'a' } },", run: "print(params.a)")),
    (.globalRead, book(run: "print(string.format('%d', #plan), set, args, math.pi, job)")),
    (.globalRead, "local helpers = require 'opsh.list'\nprint(helpers.x)"),
    (.globalWrite, "local x = 1\nx = 2\nlocal t = {}\nt.y = x\nargs.z = t"),
    (.unknownPrimitive, "local hosts = fleet.hosts()\nprint(hosts.nothing, fleet.hosts)"),
    (
      .unknownOption,
      "fleet.query{ on = 'a', cmd = { 'b' }, timeout = 5 }\nfleet.query('a', 'b', 5)\nfleet.query({ 'a', 'b' }, 'c')"
    ),
    (
      .missingOption,
      "local options = { on = 'a' }\nfleet.query(options)\nfleet.query(table.unpack(options))\nfleet.query 'a'"
    ),
    (.missingOption, "local key = 'on'\nfleet.query{ [key] = 'a' }\nfleet.query{ ['on'] = 'a' }"),
    (.effectUndeclared, book(changes, run: "fleet.deploy<on='a'> fleet.hosts()")),
    (
      .effectUndeclared,
      book(run: "local function f() return 1 end f()", before: "local function unused() fleet.exec('a', 'b') end")
    ),
    (.effectUnused, book(#"effects = { "trades" },"#, before: "local f = load('return 1')")),
    (.checkWrites, book(changes, check: "return { hosts = fleet.hosts() }", run: "fleet.deploy<on='a'>")),
    (.jobMethod, book(run: "job:note('x') local q <close> = job:hold(print, print) job:confirm('sure', 'yes')")),
    (.stepRepeated, book(run: "if plan then job:step('a', print) else job:step('a', print) end job:step('b', print)")),
    (.stepRepeated, book(run: "job:step('a', function() job:step('b', print) end) job:step('b', print)")),
    (
      .stepComputed,
      book(run: "for _, host in ipairs(plan) do local n = 'restart ' .. host.name job:step(n, print) end")
    ),
    (
      .stepComputed,
      book(run: "job:each(plan, {}, function(h) job:step(('a %s'):format(h), print) job:step('b', print) end)")
    ),
    (.stepComputed, book(run: "work(job, 1)", before: "local function work(job, h) job:step('a' .. h, print) end")),
    (.stepComputed, book(run: "local name <const> = 'a' job:step(name, print)")),
    (.patternKill, "fleet.exec('a', { 'kill', '-TERM', '123' })\nprint('never use pkill -f or killall')"),
    (.patternKill, "fleet.exec('a', 'echo skpkill pkiller')"),
    (
      .shellQuoting,
      "local unit = 'x'\nfleet.exec('a', { 'systemctl', 'restart', unit .. args.n })\nfleet.exec('a', 'a ' .. 'b')"
    ),
    (
      .shellQuoting,
      "fleet.exec('a', 'ps | grep x > /tmp/y && wc -l < /tmp/y')\nfleet.exec('a', { 'sh', '-c', 'a | b' })"
    ),
    (.shellQuoting, "fleet.exec{ on = 'web' .. args.n, cmd = { 'uptime' } }"),
  ]

  @Test(arguments: good.indices)
  func `what is right is left in peace`(index: Int) async throws {
    #expect(try await Lint.findings(Self.good[index].text).map(\.text) == [])
  }

  @Test func `every rule has a case of both kinds`() {
    let elsewhere: Set<LintRule> = [.unreadable, .versionUnchanged, .versionUnlisted, .versionsFile, .luacheck]
    let rules = Set(LintRule.allCases).subtracting(elsewhere)
    #expect(Set(Self.bad.map(\.rule)) == rules)
    #expect(rules.subtracting(Self.good.map(\.rule)) == [])
  }
}
