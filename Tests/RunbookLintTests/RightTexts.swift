import RunbookLint

/// Texts that lint leaves in peace, each near a rule.
enum RightTexts {
  private static func book(_ fields: String = "", check: String = "", run: String = "", before: String = "") -> String {
    Lint.runbook(fields, check: check, run: run, before: before)
  }

  private static let changes = #"effects = { "changes" },"#

  static let all: [(rule: LintRule, text: String)] = [
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
    (
      .lockNarrow,
      book(#"effects = { "changes" }, lock = { "host/a", "host/b" },"#, run: "fleet.put<on='a'>\nfleet.put<on={ 'b' }>")
    ),
    (.lockNarrow, book(#"effects = { "changes" }, lock = "fleet","#, run: "fleet.put<on='a'>")),
    (.lockNarrow, book(#"effects = { "changes" },"#, run: "fleet.put<on='a'>")),
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
    (
      .jobOption,
      book(run: "local options = { retry = 2 } job:step('a', print, options) job:wait('x', 5, print, { settle = 5 })")
    ),
    (.stepName, book(run: "job:step('reset the bots of host.1', print)")),
    (.stepRepeated, book(run: "job:each(plan, { name = 'a' }, print) job:each(plan, { name = 'b' }, print)")),
    (.stepRepeated, book(run: "job:hold('a', print, print) job:hold('b', print, print) job:hold(print, print, 'a')")),
  ]
}
