import Foundation
import Testing

/// Inventories of plugins add hosts to those of the site file.
struct InventoryTests {
  private let place: Scratch

  init() throws {
    place = try Scratch()
    try site()
  }

  private func site(_ more: String = "") throws {
    let hosts = #"{ name = "me", transport = "local", bots = "bot1" }"#
    try place.file("site.lua", "return {\n  name = \"here\",\n  hosts = { \(hosts) },\n  \(more)\n}\n")
  }

  private static let manifest = """
    return { id = "cmdb", version = "1.0.0", api = 2, summary = "Knows the machines",
      config = { { "range", type = "text", default = "db[1-2]" } },
      provides = { inventories = { "machines" } } }
    """

  /// An inventory whose body stands on the third line.
  private func inventory(_ body: String) throws {
    try place.file("plugins/cmdb/plugin.lua", Self.manifest)
    try place.file("plugins/cmdb/init.lua", Self.code(body))
  }

  private static func code(_ body: String) -> String {
    "return { inventories = {\n  machines = function(config)\n\(body)\n  end } }\n"
  }

  private func opsh(_ words: String...) throws -> OpshRun {
    try OpshRun(words, environment: ["HOME": place.path, "PATH": "/usr/bin:/bin"], directory: place)
  }

  private static let good = #"return { { name = config.range, address = "127.0.0.[1-2]", bots = "mm[1-4]" } }"#

  @Test func `its hosts are hosts of the site, in the site's own form`() throws {
    try inventory(Self.good)
    try site(#"groups = { stores = "db*" }, plugins = { cmdb = { range = "db[3-4]" } }"#)
    let run = try opsh("-e", "print(set '@stores', #fleet.hosts(), set('mm*'))")
    #expect(run.status == 0 && run.output == "db[3-4]\t3\tmm[1-4]\n" && run.errors == "", "\(run)")
  }

  @Test func `its settings may name hosts, though there is no site yet`() throws {
    try inventory(#"return { { name = config.near .. "2", groups = { config.range } } }"#)
    let near = #"{ "near", type = "host", help = "Beside it" }, { "range""#
    let manifest = Self.manifest.replacing(#"{ "range""#, with: near)
    try place.file("plugins/cmdb/plugin.lua", manifest.replacing("db[1-2]", with: "stores"))
    try place.file("plugins/cmdb/system.lua", "return {}")
    try site(#"plugins = { cmdb = { near = "me" } }"#)
    let run = try opsh("-e", "print(set '@stores')")
    #expect(run.status == 0 && run.output == "me2\n", "\(run)")
    try site(#"plugins = { cmdb = { near = "you" } }"#)
    let wrong = try opsh("-e", "print(1)")
    #expect(wrong.output.contains("the setting 'near' of 'cmdb' should be the name of a host of the site"), "\(wrong)")
  }

  @Test func `a site may have no other hosts`() throws {
    try inventory(Self.good)
    try place.file("site.lua", #"return { name = "here", hosts = {} }"#)
    #expect(try opsh("-e", "print(#fleet.hosts())").output == "2\n")
  }

  @Test(arguments: [
    ("return 7", "hosts: expected a list of hosts, as `hosts` of a site, got 7", 2),
    ("", "hosts: expected a list of hosts, as `hosts` of a site, got nothing", 2),
    (#"return { { nmae = "db1" } }"#, "hosts[1].nmae: expected a known key, got 'nmae'", 2),
    (#"return { { name = "db1", port = 0 } }"#, "hosts[1].port: expected a whole number from 1 to 65535, got 0", 2),
    (
      #"return { { name = "me" } }"#,
      "hosts[1]: expected names that no other host or bot has, got 'me', which hosts[1] of site.lua has too", 2
    ),
    (#"return { { name = "db1" }, { name = "db1" } }"#, "hosts[2]: expected names that no other host or bot has", 2),
    (#"return { { name = "db1", bots = "bot1" } }"#, "got 'bot1', which hosts[1] of site.lua has too", 2),
    ("local t = nil\nreturn t.x", "attempt to index a nil value", 4),
    ("while true do end", "processor time", 3), ("return fleet.exec('x', 'y')", "without the capability", 3),
    ("return { { name = print } }", "a function", 2),
  ])
  func `a bad answer is told with file and line, and the rest of the site is there`(
    body: String,
    words: String,
    line: Int
  ) throws {
    try inventory(body)
    let run = try opsh("-e", "print(#fleet.hosts())")
    #expect(run.status == 0 && run.output.hasSuffix("\n1\n"), "\(run)")
    #expect(run.output.contains("plugin 'cmdb'") && run.output.contains(words), "\(run)")
    #expect(run.output.contains("./plugins/cmdb/init.lua:\(line)"), "\(run)")
    #expect(run.output.contains("; its hosts are missing"), "\(run)")
  }

  @Test func `what it answered before is used when it fails, and by stops, which run no code of plugins`() throws {
    try inventory(Self.good)
    #expect(try opsh("-e", "print(#fleet.hosts())").output == "3\n")
    try inventory("error 'the database is down'")
    let run = try opsh("-e", "print(#fleet.hosts())")
    #expect(run.output.hasSuffix("\n3\n"), "\(run)")
    #expect(run.output.contains("the database is down; using the hosts of its last answer"), "\(run)")
    try place.file("plugins/cmdb/plugin.lua", "return { inventories")
    #expect(try opsh("-e", "print(#fleet.hosts())").output.hasSuffix("\n3\n"))
    let stop = try opsh("stop", "nobody")
    #expect(stop.errors.contains("nobody") && !(stop.output + stop.errors).contains("the database is down"), "\(stop)")
    try inventory("error 'the database is down'")
    let known = try opsh("stop", "mm1", "--dry-run")
    #expect((known.output + known.errors).contains("mm1"), "\(known)")
    #expect(!known.errors.contains("no host, bot, group or tag is called 'mm1'"), "\(known)")
    #expect(!(known.output + known.errors).contains("not known here"), "\(known)")
  }

  @Test(arguments: ["inventoris = { \"machines\" }", "inventories = { 7 }", "\u{0}"])
  func `a mistake in its manifest, whatever it is, keeps the hosts of its last answer`(provides: String) throws {
    try inventory(Self.good)
    #expect(try opsh("-e", "print(#fleet.hosts())").output == "3\n")
    let wrong = Self.manifest.replacing(#"inventories = { "machines" }"#, with: provides)
    try place.file("plugins/cmdb/plugin.lua", wrong)
    for _ in 0..<2 {
      let run = try opsh("-e", "print(#fleet.hosts())")
      #expect(run.output.hasSuffix("\n3\n") && run.output.contains("; using the hosts of its last answer"), "\(run)")
    }
    let reload = try opsh("-e", "local ok = pcall(site.reload); print(ok, #fleet.hosts())")
    #expect(reload.output.hasSuffix("false\t3\n"), "\(reload)")
  }

  @Test func `the hosts of an inventory that was removed are forgotten`() throws {
    try inventory(Self.good)
    #expect(try opsh("-e", "print(#fleet.hosts())").output == "3\n")
    try FileManager.default.removeItem(atPath: "\(place.path)/plugins/cmdb")
    #expect(try opsh("-e", "print(#fleet.hosts())").output == "1\n")
    let stop = try opsh("stop", "mm1", "--dry-run")
    #expect(stop.errors.contains("the site has no mm1") && stop.status == 65, "\(stop)")
  }

  @Test func `a stop says whose hosts are not known on this machine, and which no longer fit`() throws {
    try inventory(#"return { { name = "db1", bots = "mm1" }, { name = "db2", bots = "mm2" } }"#)
    let first = try opsh("stop", "bot1", "--dry-run")
    let words = "the hosts of inventory 'machines' of plugin 'cmdb' are not known here, so nothing on them is stopped"
    #expect((first.output + first.errors).contains(words), "\(first)")
    #expect(try opsh("-e", "print(#fleet.hosts())").output == "3\n")
    let hosts = #"hosts = { { name = "me", transport = "local", bots = "bot1" }, { name = "db1" } }"#
    try place.file("site.lua", "return { name = \"here\", \(hosts) }")
    let known = try opsh("stop", "mm2", "--dry-run")
    let text = known.output + known.errors
    let left = "hosts[1] of its last answer is left out: 'db1', which hosts[2] of site.lua has too"
    #expect(text.contains(left), "\(known)")
    #expect(!text.contains("is called 'mm2'"), "\(known)")
  }

  @Test func `a site that cannot be read is told, and inventories say nothing beside it`() throws {
    try inventory(Self.good)
    try site(#"plugins = 7"#)
    let run = try opsh("-e", "print(1)")
    #expect(run.status == 65 && !(run.output + run.errors).contains("cmdb"), "\(run)")
  }

  @Test func `a reload reads it again, and a bad answer keeps the old hosts`() throws {
    try inventory(Self.good)
    func write(_ body: String) -> String {
      let file = "\(place.path)/plugins/cmdb/init.lua"
      return "fleet.exec { on = 'me', cmd = [==[cat > '\(file)' <<'END'\n\(Self.code(body))END]==] };"
    }
    let more = #"return { { name = "db[1-5]" } }"#
    let run = try opsh(
      "--yes",
      "-e",
      "print('a', #fleet.hosts()); \(write(more)) site.reload(); print('b', #fleet.hosts())",
      "-e",
      "\(write("return { 7 }")) local ok, why = pcall(site.reload); print('c', ok, why, #fleet.hosts())"
    )
    #expect(run.status == 0 && run.output.contains("a\t3\n") && run.output.contains("b\t6\n"), "\(run)")
    #expect(run.output.contains("c\tfalse\t") && run.output.contains("; the site stays as it was\t6"), "\(run)")
    #expect(run.output.contains("./plugins/cmdb/init.lua:2"), "\(run)")
  }

  @Test func `an inventory that nobody signed is not asked where signatures are`() throws {
    try inventory("fleet.say('ran') return {}")
    try site(#"plugins = { signed = true }, allowed_signers = "nobody""#)
    let run = try opsh("-e", "print(#fleet.hosts())")
    #expect(run.output.contains("is not signed") && run.output.hasSuffix("\n1\n"), "\(run)")
  }

  // `opsh check '*'` was OK, and gates passed, without a trace of them.
  @Test func `a check that is UNKNOWN stands for hosts that are missing`() throws {
    try inventory("error 'the database is down'")
    let check = try opsh("check", "cmdb.*")
    #expect(check.status == 3, "\(check)")
    #expect(check.output.contains("UNKNOWN cmdb.machines.hosts: "), "\(check)")
    #expect(check.output.contains("the database is down"), "\(check)")
    let gate = try opsh("-e", "gate 'cmdb.machines.hosts'")
    #expect(gate.status != 0, "\(gate)")
    try inventory(Self.good)
    #expect(try opsh("-e", "for _, c in ipairs(checks()) do print(c.name) end").output.contains("cmdb") == false)
  }

  // opsh could not start at all, and blamed the site.
  @Test func `hosts that the site cannot take are the inventory's mistake, and its last answer is used`() throws {
    try site(#"targets = { all = "@stores" }, groups = { stores = "me" }"#)
    try inventory(Self.good)
    #expect(try opsh("-e", "print(#fleet.hosts())").output == "3\n")
    for wrong in [#"{ name = "stores" }"#, #"{ name = "x1", groups = { "x1" } }"#] {
      try inventory("return { \(wrong) }")
      let run = try opsh("-e", "print(#fleet.hosts())")
      #expect(run.status == 0 && run.output.hasSuffix("\n3\n"), "\(run)")
      #expect(run.output.contains("plugin 'cmdb'") && run.output.contains("; using the hosts of its last"), "\(run)")
    }
    try inventory(#"return { { name = "x1", transport = "carrier" } }"#)
    let run = try opsh("-e", "print(#fleet.hosts())")
    #expect(run.status == 0 && run.output.contains("\"carrier\"") && run.output.hasSuffix("\n2\n"), "\(run)")
  }

  // Its hosts and checks vanished without a word.
  @Test func `a plugin that lost its manifest is told, and its last answer is used`() throws {
    try inventory(Self.good)
    #expect(try opsh("-e", "print(#fleet.hosts())").output == "3\n")
    try FileManager.default.removeItem(atPath: "\(place.path)/plugins/cmdb/plugin.lua")
    let lost = try opsh("-e", "print(#fleet.hosts())")
    #expect(lost.output.contains("plugin 'cmdb'") && lost.output.contains("plugin.lua cannot be read"), "\(lost)")
    #expect(lost.output.hasSuffix("\n3\n"), "\(lost)")
  }

  @Test(arguments: [true, false])
  func `a folder of plugins that cannot be read is told`(isLink: Bool) throws {
    let path = "\(place.path)/plugins"
    if isLink {
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "nowhere")
    } else {
      try place.file("plugins", "")
    }
    let run = try opsh("-e", "print(1)")
    #expect(run.output.contains("plugins is no folder that can be read"), "\(run)")
    #expect(try opsh("check", "plugins.plugin").status == 3)
  }

  @Test func `settings of a plugin that is not there are an error with file, line and the nearest name`() throws {
    try inventory(Self.good)
    try site(#"plugins = { cmbd = { range = "db1" } }"#)
    let run = try opsh("-e", "print(1)")
    #expect(run.status == 65, "\(run)")
    #expect(run.errors.contains("site.lua:4: plugins.cmbd: expected the id of a plugin, got 'cmbd'"), "\(run)")
    #expect(run.errors.contains("did you mean 'cmdb'?"), "\(run)")
    try site(#"runtimes = { proces = { root = "x" } }"#)
    #expect(try opsh("-e", "print(1)").errors.contains("site.lua:4: runtimes.proces: expected"))
  }
}
