# shellcheck shell=bash disable=SC2154  # what is not set here is set by bench/run
# Two sites with one host, this machine: one without plugins, one with five of them and 60 checks.
plain=$work/plain
plugged=$work/plugged
calls=20000

plugins_up() {
  mkdir -p "$plain" "$plugged/plugins"
  echo 'return { name = "bench", hosts = { { name = "me", transport = "local" } } }' | tee "$plain/site.lua" >"$plugged/site.lua"
  local plugin check promises functions
  for plugin in p1 p2 p3 p4 p5; do
    promises="" functions=""
    for check in c{1..12}; do
      promises+="{ name = \"$check\", summary = \"Measures $check\", ok = { below = 1e9 }, bad = { from = 2e9 }, age = \"1m\" },"$'\n'
      functions+="$check = function() return { value = tonumber(fleet.query { on = \"me\", cmd = \"echo 1\" }[1].output) } end,"$'\n'
    done
    mkdir "$plugged/plugins/$plugin"
    cat >"$plugged/plugins/$plugin/plugin.lua" <<LUA
return { id = "$plugin", version = "1.0.0", api = 2, summary = "Measures", capabilities = { "hosts:read" }, provides = {
  primitives = { { name = "add", summary = "Adds one", effect = "reads", returns = "The sum", params = { { "n", type = "integer" } } } },
  checks = {
$promises } } }
LUA
    cat >"$plugged/plugins/$plugin/init.lua" <<LUA
return {
  primitives = { add = function(args) return args.n + 1 end },
  checks = {
$functions } }
LUA
  done
}

plugin_start_up() {
  "$measure" --rounds $((rounds * 6)) --unit ms \
    'no plugins' "$opsh --site $plain/site.lua -e ''" \
    '5 plugins, 60 checks' "$opsh --site $plugged/site.lua -e ''"
}

one_check() {
  "$measure" --rounds $((rounds * 4)) --unit ms \
    'the measurement alone' "$opsh --site $plain/site.lua -q -e 'fleet.query(\"me\", \"echo 1\");'" \
    "\`opsh check\` of one check" "$opsh --site $plugged/site.lua check p1.c1"
}

plugin_calls() {
  "$measure" --rounds "$rounds" --unit ms \
    "$calls calls of a Lua function" \
    "$opsh --site $plugged/site.lua -e 'local function add(args) return args.n + 1 end for i = 1, $calls do add { n = i } end'" \
    "$calls calls of a plugin's primitive" "$opsh --site $plugged/site.lua -e 'for i = 1, $calls do p1.add { n = i } end'" \
    >"$work/calls"
  cat "$work/calls"
  awk -F'|' -v calls="$calls" '/calls of/ { wall[++n] = $3 }
    END { printf "\nOne call takes %.1f µs more than that of a Lua function.\n", (wall[2] - wall[1]) / calls * 1000 }' "$work/calls"
}
