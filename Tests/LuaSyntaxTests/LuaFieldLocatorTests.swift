import LuaSyntax
import PrimitiveKit
import Testing

struct LuaFieldLocatorTests {
  private static let source = """
    #!/usr/bin/env opsh
    -- a site } with { braces
    local digest = "sha256:}"
    local function bots(n) return { n } end
    --[[ more
    return { name = "no" } ]]
    return {
      name = "lab", -- }
      ssh = { port = 22,
              ["known_hosts"] = [[kh
    }]] },
      hosts = {
        { name = "web1", address = "}" },
        { name = "web2", bots = bots({ 1, 2 }), tags = { role = "x", },
          address = "127.0.0.2" };
        bots(3),
        {
          name = "web4",
        },
      },
      ["two words"] = 1,
      groups = (function() if true then return { a = 1 } end end)(),
      targets = { all = "@*" },
    }
    """

  @Test(arguments: [
    ("name", 8), ("ssh", 9), ("ssh.port", 9), ("ssh.known_hosts", 10), ("hosts", 12), ("hosts[1]", 13),
    ("hosts[1].address", 13), ("hosts[2].tags.role", 14), ("hosts[2].address", 15), ("hosts[3]", 16),
    ("hosts[3].name", 16),
    ("hosts[4]", 17), ("hosts[4].name", 18), ("hosts[4].port", 17), ("hosts[9].name", 12), ("[\"two words\"]", 21),
    ("groups.a", 22), ("targets.all", 23), ("nothing", 1), ("", 1),
  ])
  func `a field has a line`(path: String, line: Int) {
    let locate = LuaFieldLocator(file: "site.lua", source: Self.source)
    #expect(locate(path).description == "site.lua:\(line)")
  }

  @Test(arguments: [
    "", "return", "return {", "return { hosts = {", "x", "return { a = \"", "return { [", "--[[", "}}}}", "return 5",
  ])
  func `broken text has line 1`(source: String) {
    #expect(LuaFieldLocator(file: "site.lua", source: source)("images.v1.digest").line == 1)
  }

  @Test func `a table with a unique name has places too`() {
    let source = "local runbook = {\n  version = 1,\n}\nfunction runbook.run() return {} end\nreturn runbook\n"
    let place = LuaFieldLocator(file: "reset.lua", source: source)("version")
    #expect(place == SourcePlace(file: "reset.lua", line: 2, column: 3))
  }
}
