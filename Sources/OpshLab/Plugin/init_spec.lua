-- What the plugin of the lab makes of the heartbeats of bots.

local function host(name, login, at)
  local beat = "bot=%s\nversion=v1\nlogin=%s\nsince=900\nat=%d\n\nnow=1000\n"
  return { host = name, ok = true, output = beat:format(name .. "-bot", login, at) }
end

local silent = { host = "web3", ok = false, output = "", error_output = "", detail = "no route" }

local function logs(output)
  local report = { host = "web1", ok = output ~= nil, output = output or "", error_output = "none" }
  return { ["fleet.query"] = { report } }
end

local function beats(...) return { ["fleet.query"] = { ... } } end

return {
  {
    name = "every host of the system is asked",
    check = "lab.running",
    answers = {
      ["fleet.query"] = function(args)
        assert(args.on == "web[1-3]", args.on)
        return { host("web1", "yes", 999) }
      end,
    },
    finding = { level = "OK", subject = "web1", system = "lab" },
  },
  {
    name = "every bot has a session",
    check = "lab.logged_in",
    answers = beats(host("web1", "yes", 999), host("web2", "yes", 998)),
    finding = { level = "OK", value = 0.0 },
  },
  {
    name = "two bots without a session",
    check = "lab.logged_in",
    answers = beats(host("web1", "no", 999), host("web2", "limited", 998)),
    finding = { level = "BAD", value = 2.0 },
  },
  {
    name = "a host that does not answer leaves the number unknown",
    check = "lab.logged_in",
    answers = beats(host("web1", "yes", 999), silent),
    finding = { level = "UNKNOWN" },
  },
  {
    name = "each host is judged by its oldest heartbeat",
    check = "lab.heartbeat",
    answers = beats(host("web1", "yes", 995), host("web2", "yes", 994), silent),
    findings = {
      { level = "UNKNOWN", subject = "web3" },
      { level = "WARN", subject = "web2", value = 6.0 },
      { level = "OK", subject = "web1", value = 5.0 },
    },
  },
  {
    name = "a session that nobody has spoken of for a minute is over",
    check = "lab.logged_in",
    answers = beats(host("web1", "yes", 939), host("web2", "yes", 940)),
    finding = { level = "WARN", value = 1.0 },
  },
  {
    name = "and such a bot does not run",
    check = "lab.running",
    answers = beats(host("web1", "yes", 939)),
    finding = { level = "BAD", value = 0.0 },
  },
  {
    name = "a heartbeat that is not whole leaves the number unknown",
    check = "lab.running",
    answers = beats { host = "web1", ok = true, output = "bot=a\nlogin=yes\n\nnow=1000\n" },
    finding = { level = "UNKNOWN" },
  },
  {
    name = "a heartbeat from the future leaves the number unknown",
    check = "lab.heartbeat",
    answers = beats(host("web1", "yes", 1006)),
    finding = { level = "UNKNOWN" },
  },
  {
    name = "an answer that is cut off leaves the number unknown",
    check = "lab.spread",
    answers = beats { host = "web1", ok = true, output = "bot=a\n" },
    finding = { level = "UNKNOWN" },
  },
  {
    name = "no bots are no bots with a session",
    check = "lab.logged_in",
    answers = beats { host = "web1", ok = true, output = "now=1000\n" },
    finding = { level = "UNKNOWN" },
  },
  {
    name = "logs without errors",
    check = "lab.errors",
    answers = logs "0\n",
    finding = { level = "OK", value = 0.0 },
  },
  {
    name = "no logs are no logs without errors",
    check = "lab.errors",
    answers = logs(nil),
    finding = { level = "UNKNOWN" },
  },
  {
    name = "a note is a file",
    call = { "lab.note", text = "mended", on = "web1" },
    answers = { ["fleet.put"] = {} },
    calls = { { "fleet.put", on = "web1", path = "~/NOTE", content = "mended\n" } },
  },
}
