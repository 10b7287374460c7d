-- What opsh gives to scripts beyond Lua itself; `opsh --catalog` lists it.
std = "lua54"
max_line_length = 100
read_globals = {
  "args", "exit", "help", "print_all", "quit",
  "fleet", "ledger", "strategy", "risk", "plugins", "set", "systems",
  "file", "json", "program", "sleep", "time", "wait_until",
  "answer", "audit", "fork", "lock", "locks", "questions", "releases", "resolve", "resume", "rollback", "run", "runbook",
  "runbooks", "runs", "unresolved",
  "is_unknown", "unwrap",
}
not_globals = { "io", "os", "debug", "package", "dofile", "loadfile", "collectgarbage" }
