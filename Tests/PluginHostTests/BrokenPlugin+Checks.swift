/// Mistakes in the checks of a plugin.
extension BrokenPlugin {
  static let checks: [BrokenPlugin] = [
    inManifest(
      "a check without a name",
      "name = \"lag\", ",
      "",
      12,
      "checks[1].name: expected the name after",
      "add `name"
    ),
    inManifest("a check without words", "summary = \"Lag\", ", "", 12, "checks[1].summary: expected", "add `summary"),
    inManifest(
      "a check with nothing OK",
      "ok = { below = 5 }, ",
      "",
      12,
      "checks[1].ok: expected when it is OK",
      "add `ok"
    ),
    inManifest(
      "a dotted check",
      "\"lag\"",
      "\"bad.lag\"",
      12,
      "checks[1].name: expected a name without '.'",
      "bad.NAME"
    ),
    inManifest(
      "a check that is a name",
      "{ name = \"lag\"",
      "\"lag\", { name = \"lag\"",
      12,
      "expected a table",
      "docs/"
    ),
    inManifest("a misspelt bound", "{ below", "{ bellow", 12, "checks[1].ok.bellow: expected a known key", "'below'?"),
    inManifest("a misspelt judgement", "bad = {", "bda = {", 12, "checks[1].bda: expected a known key", "'bad'?"),
    inManifest("a bound that is no number", "below = 5", "below = {}", 12, "ok.below: expected a number", "docs/"),
    inManifest(
      "a bound that is no duration",
      "below = 5",
      "below = \"5x\"",
      12,
      "ok.below: expected a number",
      "docs/"
    ),
    inManifest("no bound at all", "{ below = 5 }", "{}", 12, "checks[1].ok: expected one of above", "docs/"),
    inManifest("an age of nothing", "\"1m\"", "0", 12, "checks[1].age: expected a duration", "docs/"),
    inManifest("a growth over nothing", "age = \"1m\"", "growth = \"0s\"", 12, "growth: expected a duration", "docs/"),
    inManifest("a level that overlaps", "from = 9", "from = 4", 12, "some numbers are both", "docs/"),
    inManifest("bounds that leave no room", "below = 5", "below = 5, from = 5", 12, "no number is OK", "docs/"),
    inManifest(
      "a range the wrong way round",
      "below = 5",
      "between = { 4, 2 }",
      12,
      "no number is from 4 to 2",
      "docs/"
    ),
    inManifest(
      "two checks of one name",
      "checks = {",
      "checks = { { name = \"lag\", summary = \"Lag\", ok = { to = 1 } },",
      12,
      "checks[2]: expected one check 'lag'",
      "twice"
    ),
    inCode(
      "a missing check",
      "lag = function() return { value = look(1) } end,",
      "",
      6,
      "the check 'lag', but",
      "add `lag"
    ),
    inCode("a misspelt check", "lag =", "lga =", 7, "checks.lga: plugin.lua promises no check 'lga'", "'lag'?"),
    inCode("an extra check", "lag =", "load = print, lag =", 7, "promises no check 'load'", "local function"),
    inCode(
      "a check that is no function",
      "function() return { value = look(1) } end",
      "7",
      7,
      "a function, got 7",
      "docs/"
    ),
    inManifest(
      "a hook of nobody",
      "provides = {",
      "provides = { hooks = { \"mint\" },",
      6,
      "hooks[1]: expected a hook of opsh, got 'mint'",
      ""
    ),
    inManifest(
      "an inventory twice",
      "provides = {",
      "provides = { inventories = { \"m\", \"m\" },",
      6,
      "one entry 'm'",
      "tw"
    ),
    inManifest(
      "an inventory that is a path",
      "provides = {",
      "provides = { inventories = { \"a/b\" },",
      6,
      "expected",
      ""
    ),
    inManifest("a transport of opsh", "provides = {", "provides = { transports = { \"ssh\" },", 6, "got 'ssh'", "own"),
    inManifest(
      "a transport without the right to run programs",
      "provides = {",
      "provides = { transports = { \"tunnel\" },",
      6,
      "transports: expected the capability \"programs\"",
      "add"
    ),
    inManifest("notifiers that are no list", "provides = {", "provides = { notifiers = 7,", 6, "a list of names", ""),
    inCode(
      "an inventory nobody promised",
      "checks = {",
      "inventories = {}, checks = {",
      6,
      "no inventories",
      "remove it"
    ),
    inCode("a hook that nobody promised", "checks = {", "hooks = {}, checks = {", 6, "promises no hooks", "remove it"),
    inCode("no checks at all", "checks = {", "chekcs = {", 6, "promises no chekcs", "'checks'?"),
  ]
}
