-- What the handover leaves on hosts.

local function noted(text)
  return function() return { { host = "web1", ok = true, output = text .. "\n" } } end
end

return {
  {
    name = "the note is there",
    arguments = { text = "mended", on = "web1" },
    answers = { ["lab.bots"] = {}, ["lab.note"] = {}, ["fleet.query"] = noted "mended" },
    calls = { { "lab.note", text = "mended", on = "web1" } },
    steps = { "note: ok" },
    state = "ok",
  },
  {
    name = "another note fails it",
    arguments = { text = "mended", on = "web1" },
    answers = { ["lab.bots"] = {}, ["lab.note"] = {}, ["fleet.query"] = noted "broken" },
    error = { message = "web1 has another note" },
  },
}
