import Testing

/// One mistake of a plugin's author, and what must be said of it.
struct BrokenPlugin: Sendable, CustomTestStringConvertible {
  let name: String
  /// The file that is wrong.
  let file: String
  let text: String
  /// Of the file, as the message names it; nil where the file is not there.
  let line: Int?
  let words: String
  let hint: String

  var testDescription: String { name }

  init(_ name: String, _ file: String, _ text: String, _ line: Int?, _ words: String, _ hint: String) {
    (self.name, self.file, self.text, self.line, self.words, self.hint) = (name, file, text, line, words, hint)
  }

  static let manifest = """
    return {
      id = "bad", version = "1.0.0", api = 2,
      summary = "Breaks",
      capabilities = { "hosts:read" },
      config = { { "root", type = "path", default = "~/x" } },
      provides = {
        primitives = {
          { name = "act", summary = "Acts", effect = "reads", returns = "x",
            params = { { "x", type = "integer", default = 1 } } },
        },
        checks = {
          { name = "lag", summary = "Lag", ok = { below = 5 }, bad = { from = 9 }, age = "1m" },
        },
      },
    }
    """
  static let module = """
    local look = fleet.look
    return {
      primitives = {
        act = function(args) return look(args.x) end,
      },
      checks = {
        lag = function() return { value = look(1) } end,
      },
    }
    """

  static func inManifest(
    _ name: String,
    _ old: String,
    _ new: String,
    _ line: Int,
    _ words: String,
    _ hint: String
  ) -> BrokenPlugin {
    BrokenPlugin(name, "plugin.lua", manifest.replacing(old, with: new), line, words, hint)
  }

  static func inCode(
    _ name: String,
    _ old: String,
    _ new: String,
    _ line: Int,
    _ words: String,
    _ hint: String
  ) -> BrokenPlugin {
    BrokenPlugin(name, "init.lua", module.replacing(old, with: new), line, words, hint)
  }

  static let manifests: [BrokenPlugin] = [
    inManifest("a misspelt field", "summary = \"Br", "sumary = \"Br", 3, "sumary: expected a known key", "'summary'?"),
    inManifest("no id", "id = \"bad\", ", "", 1, "id: expected the name of its folder", "add `id"),
    inManifest("another id", "id = \"bad\"", "id = \"good\"", 2, "id: expected the name of its folder", "rename one"),
    inManifest("no version number", "1.0.0", "1.0", 2, "version: expected three numbers", "docs/plugins.md"),
    inManifest("a level of the future", "api = 2", "api = 9", 2, "api: expected 2 or 1, got 9", "newer opsh"),
    inManifest("a level of the past", "api = 2", "api = 0", 2, "api: expected 2 or 1, got 0", "write `api = 2`"),
    inManifest("a level as text", "api = 2", "api = \"2\"", 2, "api: expected 2 or 1", "write `api = 2`"),
    inManifest("no level", ", api = 2", "", 1, "api: expected 2, got nothing", "add `api"),
    inManifest("no summary", "summary = \"Breaks\",", "", 1, "summary: expected one line", "add `summary"),
    inManifest("a misspelt capability", "hosts:read", "hosts:reed", 4, "'hosts:reed'", "'hosts:read'?"),
    inManifest("a type of nobody", "type = \"path\"", "type = \"pathh\"", 5, "config[1].type: expected", "'path'?"),
    inManifest("a default of another type", "\"~/x\"", "7", 5, "config[1].default: expected a path, got 7", "docs/"),
    inManifest("a misspelt section", "primitives = {", "primitvies = {", 7, "primitvies: expected", "'primitives'?"),
    inManifest("an effect of nobody", "\"reads\"", "\"raeds\"", 8, "effect: expected one of reads", "'reads'?"),
    inManifest("no words on the result", ", returns = \"x\"", "", 8, "returns: expected what it answers", "add `ret"),
    inManifest("a name that is no Lua", "\"act\"", "\"act-now\"", 8, "name: expected a Lua name", "bad.NAME"),
    inManifest("a misspelt type", "\"integer\"", "\"integr\"", 9, "params[1].type: expected a type", "'integer'?"),
    inManifest("a default that is none", "default = 1", "default = \"x\"", 9, "params[1].default: expected", "docs/"),
    inManifest("a misspelt word", "default = 1", "defualt = 1", 9, "params[1].defualt: unknown field", "'default'?"),
    inManifest(
      "two of one name",
      "{ name = \"act\", summary",
      "{ name = \"act\", summary = \"A\", effect = \"reads\", returns = \"x\" }, { name = \"act\", summary",
      8,
      "primitives[2]: expected one primitive 'act'",
      "twice"
    ),
    inManifest(
      "an example that is no Lua",
      "returns = \"x\",",
      "returns = \"x\", examples = { { \"bad.act{\", \"x\" } },",
      8,
      "examples[1][1]: expected Lua code",
      "at the prompt"
    ),
    inManifest(
      "an example of something else",
      "returns = \"x\",",
      "returns = \"x\", examples = { { \"x()\", \"x\" } },",
      8,
      "examples[1][1]: expected code that calls bad.act",
      "docs/plugins.md"
    ),
    inManifest(
      "a runbook that is not there",
      "provides = {",
      "provides = { runbooks = { \"mend\" },",
      6,
      "expected the file runbooks/mend.lua",
      "docs/plugins.md"
    ),
    BrokenPlugin("a manifest that loops", "plugin.lua", "while true do end", 1, "instructions", "describe"),
    BrokenPlugin("a manifest that calls", "plugin.lua", "\nfleet.look()", 2, "fleet", "calls nothing"),
    BrokenPlugin("a manifest that is no Lua", "plugin.lua", "return {\n  id = = 1\n}", 2, "unexpected", "table"),
    BrokenPlugin("a manifest that is a number", "plugin.lua", "return 7", 1, "expected a table with id", "docs/"),
    BrokenPlugin("a manifest that is empty", "plugin.lua", "", 1, "expected a table with id", "docs/plugins.md"),
    BrokenPlugin(
      "a section of nobody",
      "system.lua",
      "return {\n  boots = {},\n}",
      2,
      "expected a known key",
      "did you mean 'bots'?"
    ),
    BrokenPlugin("a system that raises", "system.lua", "\nerror 'boom'", 2, "error", ""),
  ]

  static let modules: [BrokenPlugin] = [
    inCode(
      "a missing function",
      "act = function(args) return look(args.x) end,",
      "",
      3,
      "'act', but there is no",
      "add"
    ),
    inCode("a misspelt function", "act =", "atc =", 4, "primitives.atc: plugin.lua promises no primitive", "'act'?"),
    inCode("an extra function", "act =", "wait = print, act =", 4, "promises no primitive 'wait'", "local function"),
    inCode(
      "a promise that is no function",
      "function(args) return look(args.x) end",
      "7",
      4,
      "a function, got 7",
      "docs/"
    ),
    BrokenPlugin(
      "a section that is no table",
      "init.lua",
      "return {\n  primitives = 7,\n}",
      2,
      "expected a table of functions",
      "docs/"
    ),
    inCode(
      "a section that nobody promised",
      "primitives = {",
      "notifiers = {}, primitives = {",
      3,
      "no notifiers",
      "remove it"
    ),
    inCode("no section", "primitives", "primitvies", 3, "promises no primitvies", "'primitives'?"),
    inCode("a line that raises", "local look = fleet.look", "error 'boom'", 1, "boom", "docs/"),
    inCode("a call while loading", "= fleet.look", "= fleet.look()", 1, "must not call anything", "its functions"),
    inCode("an undefined name", "fleet.look", "flet.look", 1, "flet", "'fleet'?"),
    inCode("a field of nil", "local look = fleet.look", "local n local look = n.look", 1, "nil value", "docs/"),
    inCode("a module that is not there", "fleet.look", "require 'nope'", 1, "no module named 'nope'", "looked for"),
    inCode("a loop", "local look = fleet.look", "while true do end", 1, "processor time", "docs/"),
    inCode(
      "a loop that catches",
      "local look = fleet.look",
      "while true do pcall(error) end",
      1,
      "processor time",
      "docs/"
    ),
    inCode(
      "a memory bomb",
      "local look = fleet.look",
      "local s = 'x' while true do s = s .. s end",
      1,
      "of memory",
      "once"
    ),
    BrokenPlugin("code that is no Lua", "init.lua", "return {\n  primitives = {,}\n}", 2, "unexpected", "docs/"),
    BrokenPlugin("code that answers nothing", "init.lua", "local x = 1", 1, "got nothing", "return { primitives"),
    BrokenPlugin("code that answers a number", "init.lua", "return 7", 1, "got 7", "return { primitives"),
    BrokenPlugin("code that answers a thread", "init.lua", "return coroutine.create(print)", 1, "thread", ""),
  ]
}
