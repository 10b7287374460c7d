-- What the plugin of the lab makes of the heartbeats of bots.

local function host(name, login, at)
  local beat = "bot=%s\nversion=v1\nlogin=%s\nsince=900\nat=%d\n\nnow=1000\n"
  return { host = name, ok = true, output = beat:format(name .. "-bot", login, at) }
end

local silent = { host = "web3", ok = false, output = "", error_output = "", detail = "no route" }

local function beats(...) return { ["fleet.query"] = { ... } } end

return {
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
    name = "a note is a file",
    call = { "lab.note", text = "mended", on = "web1" },
    answers = { ["fleet.put"] = {} },
    calls = { { "fleet.put", on = "web1", path = "~/NOTE", content = "mended\n" } },
  },
}
