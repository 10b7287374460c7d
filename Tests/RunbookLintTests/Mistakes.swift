import PrimitiveKit
import RunbookLint

/// A text with one mistake, and how it is reported.
struct Mistake: Sendable {
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

enum Mistakes {
  private static func book(_ fields: String = "", check: String = "", run: String = "", before: String = "") -> String {
    Lint.runbook(fields, check: check, run: run, before: before)
  }

  private static let changes = #"effects = { "changes" },"#

  static let all: [Mistake] = [
    Mistake(.syntax, "return {\n  x = = 1,\n}", 2, "unexpected symbol near '='"),
    Mistake(.syntax, "\nfleet.deploy<on='a'", 2, "'fleet.deploy<' at column 13 has no closing '>'"),
    Mistake(
      .load,
      book(before: "fleet.hosts()"),
      1,
      "loading failed: fleet.hosts has the effect 'reads', but loading a.lua calls no primitive"
    ),
    Mistake(.load, book(before: "error('no')"), 1, "loading failed: no"),
    Mistake(.load, book(before: "while true do end"), 1, "loading failed: "),
    Mistake(
      .headerMissing,
      "return { owner = 'me', summary = 'x', updated = '2026-11-01', review_after = 90, run = function() end }",
      1,
      "version: is missing: expected three numbers such as \"1.0.0\""
    ),
    Mistake(.headerUnknown, book("ownr = 1,"), 4, "ownr: unknown field", "did you mean 'owner'?"),
    Mistake(
      .headerWrong,
      book("exactness = 2,"),
      4,
      "exactness: expected a share from 0 to 1, or a text such as \"95%\", got 2"
    ),
    Mistake(
      .headerWrong,
      book("params = { { 'x', type = 'hots' } },", run: "return params.x"),
      4,
      "params[1].type: expected a type, got \"hots\""
    ),
    Mistake(
      .noOwner,
      "return { version = '1.0.0', summary = 'x', updated = '2026-11-01', review_after = 90,\n run = function() end }",
      1,
      "the runbook has no owner"
    ),
    Mistake(
      .noSummary,
      "return { version = '1.0.0', owner = 'x', updated = '2026-11-01', review_after = 90,\n run = function() end }",
      1,
      "the runbook has no summary"
    ),
    Mistake(
      .noReview,
      "return { version = '1.0.0', owner = 'x', summary = 'x',\n run = function() end }",
      1,
      "the runbook has no review date",
      "add `updated = \"2026-11-21\"` and `review_after = 180`"
    ),
    Mistake(
      .staleReview,
      "return { version = '1.0.0', owner = 'x', summary = 'x',\n review_after = '2026-11-20',\n run = function() end }",
      2,
      "the review was due on 2026-11-20"
    ),
    Mistake(
      .parameterUnused,
      book("params = {\n { 'a' },\n { 'b' } },", run: "print(params.a)"),
      6,
      "the parameter 'b' is not used",
      "remove it"
    ),
    Mistake(
      .parameterUndeclared,
      book("params = { { 'target' } },", run: "print(params.target, params.taget)"),
      9,
      "no parameter named 'taget'",
      "did you mean 'target'?"
    ),
    Mistake(.parameterUndeclared, book(run: "local p = params print(p['x'])"), 9, "no parameter named 'x'"),
    Mistake(
      .parameterUndeclared,
      book(run: "look(job, params)", before: "local function look(j, given) return given.x end"),
      1,
      "no parameter named 'x'"
    ),
    Mistake(.globalRead, book(run: "print(plann)"), 9, "no variable named 'plann'", "did you mean 'plan'?"),
    Mistake(
      .globalRead,
      book(run: "print(string.fromat)"),
      9,
      "no such name: 'string.fromat'",
      "did you mean 'format'?"
    ),
    Mistake(.globalRead, "os.execute('x')", 1, "no such name: 'os.execute'"),
    Mistake(.globalRead, "print(io)", 1, "no variable named 'io'"),
    Mistake(
      .globalWrite,
      book(run: "count = 1"),
      9,
      "'count' is assigned but not local",
      "declare it with `local`"
    ),
    Mistake(.globalWrite, "function helper() end", 1, "'helper' is assigned but not local"),
    Mistake(.globalWrite, "_G.x = 1", 1, "'x' is assigned but not local"),
    Mistake(.globalWrite, "local f = fleet\nf.x = 1", 2, "'fleet.x' is assigned but not local"),
    Mistake(.globalWrite, "function string.trim() end", 1, "'string.trim' is assigned but not local"),
    Mistake(
      .unknownPrimitive,
      "fleet.deplyo<on='a'>",
      1,
      "no such name: 'fleet.deplyo'",
      "did you mean 'fleet.deploy'?"
    ),
    Mistake(
      .unknownPrimitive,
      "local f = fleet\nprint(f.nothing)",
      2,
      "no such name: 'fleet.nothing'",
      "see the list with `help(fleet)`"
    ),
    Mistake(.unknownOption, "fleet.query{ on = 'a', comand = 'b' }", 1, "fleet.query has no argument 'comand'"),
    Mistake(
      .unknownOption,
      "fleet.query<on='a', tiemout=5>",
      1,
      "fleet.query has no argument 'tiemout'",
      "did you mean 'timeout'?"
    ),
    Mistake(
      .unknownOption,
      "local q = fleet.query\nq('a', { 'b' }, { timeut = 5 })",
      2,
      "fleet.query has no argument 'timeut'",
      "did you mean 'timeout'?"
    ),
    Mistake(.unknownOption, "fleet.hosts('a')", 1, "fleet.hosts takes at most 0 arguments", "usage: fleet.hosts()"),
    Mistake(
      .missingOption,
      "fleet.query{ cmd = 'b' }",
      1,
      "fleet.query needs 'on'",
      "usage: fleet.query(on, [cmd], [timeout])"
    ),
    Mistake(.missingOption, "fleet.query()", 1, "fleet.query needs 'on'"),
    Mistake(.missingOption, "fleet.query({})", 1, "fleet.query needs 'on'"),
    Mistake(
      .effectUndeclared,
      book(run: "fleet.deploy<on='a'>"),
      9,
      "run reaches fleet.deploy, whose effect is 'changes'; effects lists only 'reads'",
      "add \"changes\" to effects"
    ),
    Mistake(
      .effectUndeclared,
      book(run: "job:step('x', function() go() end)", before: "local function go()\n strategy.flatten<on='a'> end"),
      2,
      "run reaches strategy.flatten, whose effect is 'trades'; effects lists only 'reads'"
    ),
    Mistake(
      .effectUndeclared,
      book("undo = function(job) job:hold(secret.mint, print) end,"),
      4,
      "undo reaches secret.mint, whose effect is 'administers'; effects lists only 'reads'"
    ),
    Mistake(
      .effectUndeclared,
      book(run: "helpers.go()", before: "local helpers = {}\nfunction helpers.go() fleet.exec('a', 'b') end"),
      2,
      "run reaches fleet.exec, whose effect is 'changes'; effects lists only 'reads'"
    ),
    Mistake(
      .effectUnused,
      book(#"effects = { "reads", "trades" },"#),
      4,
      "effects lists 'trades', but nothing in run or undo needs it",
      "remove it"
    ),
    Mistake(
      .lockNarrow,
      book(#"effects = { "changes" }, lock = "host/a","#, run: "fleet.put<on='b'>"),
      9,
      "run changes 'b', which the lock does not cover",
      "add \"host/b\" to lock"
    ),
    Mistake(
      .checkWrites,
      book(changes, check: "fleet.exec('a', 'b')", run: "fleet.deploy<on='a'>"),
      6,
      "check reaches fleet.exec, whose effect is 'changes'; check may only read",
      "move the call into a step of run"
    ),
    Mistake(.jobMethod, book(run: "job:setp('a', print)"), 9, "the job has no method 'setp'", "did you mean 'step'?"),
    Mistake(
      .jobMethod,
      book(run: "job.step('a', print)"),
      9,
      "'step' is called on the job with a dot",
      "write job:step(…)"
    ),
    Mistake(
      .jobMethod,
      book(run: "work(job)", before: "local function work(j) j:nothing() end"),
      1,
      "the job has no method 'nothing'",
      "it has confirm, each, ensure, hold, note, step, wait"
    ),
    Mistake(
      .stepRepeated,
      book(run: "job:step('a', print)\njob:step('a', print)"),
      10,
      "the step 'a' has the same name as the one in line 9",
      "rename one of them"
    ),
    Mistake(
      .stepRepeated,
      book(run: "for _, h in ipairs(plan) do job:step('a', print) end"),
      9,
      "the step 'a' is in a loop and has the same name in every iteration"
    ),
    Mistake(
      .stepRepeated,
      book("params = { { 'x' } },", run: "while job do job:step('a' .. params.x, print) end"),
      9,
      "the name of this step does not contain a loop variable, so it is the same in every iteration"
    ),
    Mistake(
      .stepRepeated,
      book(run: "if plan then job:step('a', print) end job:step('a', print)"),
      9,
      "the step 'a' has the same name as the one in line 9"
    ),
    Mistake(
      .stepRepeated,
      book(run: "job:each(plan, {}, function(h)\njob:step('a', print) job:step('a', print) end)"),
      10,
      "the step 'a' has the same name as the one in line 10"
    ),
    Mistake(
      .stepComputed,
      book("params = { { 'x' } },", run: "job:step('a' .. params.x, print)"),
      9,
      "the name of this step is computed",
      "write a literal, or build it from a loop variable: resume finds a step by its name"
    ),
    Mistake(
      .stepComputed,
      book(run: "local n = 0 while n < 5 do n = n + 1 job:step('a' .. n, print) end"),
      9,
      "the name of this step is computed"
    ),
    Mistake(.patternKill, "fleet.exec('a', 'pkill -f bot')", 1, "fleet.exec runs pkill, which kills whatever matches"),
    Mistake(
      .patternKill,
      "local c = 'sudo /usr/bin/killall bot'\nfleet.exec{ on = 'a', cmd = c }",
      1,
      "fleet.exec runs killall, which kills whatever matches"
    ),
    Mistake(
      .patternKill,
      "fleet.exec<on='a', cmd={ 'pkill', '-f', 'x' }>",
      1,
      "fleet.exec runs pkill, which kills whatever matches"
    ),
    Mistake(
      .shellQuoting,
      "local unit = args.unit\nfleet.exec('a', 'systemctl restart ' .. unit)",
      2,
      "fleet.exec runs a command built by joining strings",
      "give a list of words; opsh quotes them: cmd = { \"systemctl\", \"restart\", unit }"
    ),
    Mistake(
      .shellQuoting,
      "fleet.exec{ on = 'a', cmd = ('rm %s'):format(args.x) }",
      1,
      "fleet.exec runs a command built by joining strings"
    ),
    Mistake(
      .shellQuoting,
      "fleet.exec('a', { 'sh', '-c', 'rm ' .. args.x })",
      1,
      "fleet.exec runs a command built by joining strings"
    ),
    Mistake(
      .shellQuoting,
      "fleet.exec('a', [[sh -c 'echo \"hello\"']])",
      1,
      "fleet.exec runs a shell inside a shell, so quotes are parsed twice"
    ),
    Mistake(
      .jobOption,
      book(run: "job:step('a', print, { retyr = 3 })"),
      9,
      "job:step has no option 'retyr'",
      "did you mean 'retry'?"
    ),
    Mistake(
      .jobOption,
      book(run: "job:each(plan, { name = 'roll', parallel = 2 }, print)"),
      9,
      "job:each has no option 'parallel'",
      "its options: budget, gate, gate_every, jitter, name, on_failure, ramp, retry, timeout, undo, window"
    ),
    Mistake(.stepName, book(run: "job:step('a/b', print)"), 9, "the name of this step has a '/'"),
    Mistake(.stepName, book(run: "job:step('', print)"), 9, "the name of this step is empty"),
    Mistake(.stepName, book(run: "job:wait('bot #5', '1m', print)"), 9, "the name of this step has a '#'"),
    Mistake(
      .stepRepeated,
      book(run: "job:each(plan, {}, print)\njob:each(plan, { window = 2 }, print)"),
      10,
      "the step 'each' has the same name as the one in line 9"
    ),
    Mistake(
      .stepRepeated,
      book(run: "job:wait('bots', '1m', print)\njob:wait('bots', '1m', print)"),
      10,
      "the step 'wait for bots' has the same name as the one in line 9"
    ),
    Mistake(
      .stepRepeated,
      book(run: "local a <close> = job:hold(print, print)\nlocal b <close> = job:hold(print, print, plan)"),
      10,
      "the step 'hold' has the same name as the one in line 9"
    ),
    Mistake(
      .jobMethod,
      book(run: "job:step('a', function(inner) inner:wiat('x', 5, print) end, { undo = function(j) j:note('x') end })"),
      9,
      "the job has no method 'wiat'",
      "did you mean 'wait'?"
    ),
    Mistake(
      .stepRepeated,
      book(run: "job:step('a', function(inner) inner:step('b', print) inner:step('b', print) end)"),
      9,
      "the step 'b' has the same name as the one in line 9"
    ),
    Mistake(
      .checkWrites,
      book(#"effects = { "changes" }, verify = function() fleet.exec('a', 'b') end,"#, run: "fleet.deploy<on='a'>"),
      4,
      "verify reaches fleet.exec, whose effect is 'changes'; verify may only read"
    ),
  ]
}
