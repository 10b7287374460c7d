-- What the handover leaves on hosts.

local function noted(text)
  return function() return { { host = "web1", ok = true, output = text .. "\n" } } end
end

local function bots(alive) return { { host = "web1", bot = "bot1", alive = alive } } end

return {
  {
    name = "the note is there",
    arguments = { text = "mended", on = "web1" },
    answers = { ["lab.bots"] = bots(true), ["lab.note"] = {}, ["fleet.query"] = noted "mended" },
    calls = { { "lab.note", text = "mended", on = "web1" } },
    steps = { "note: ok" },
    state = "ok",
  },
  {
    name = "another note fails it",
    arguments = { text = "mended", on = "web1" },
    answers = { ["lab.bots"] = bots(true), ["lab.note"] = {}, ["fleet.query"] = noted "broken" },
    error = { message = "web1 has another note" },
  },
  {
    name = "bots that are silent get no note",
    arguments = { text = "mended", on = "web1" },
    answers = { ["lab.bots"] = bots(false), ["lab.note"] = {}, ["fleet.query"] = noted "mended" },
    error = { message = "without a recent heartbeat: bot1" },
  },
}
