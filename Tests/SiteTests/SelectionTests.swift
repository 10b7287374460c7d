import PrimitiveKit
import Site
import Testing

struct SelectionTests {
  @Test(arguments: [
    ("all", "web[01-03],db,spare"), ("web01", "web01"), ("bot[1-3]", "web[01-02]"), ("@front", "web[01-03],db"),
    ("front!bot3", "web[01,03],db"), ("web*", "web[01-03]"), ("role:\"market maker\"", "web[01-03]"),
    ("low", "web[01-02]"),
    ("rack:7&bot[5-7]", "web03"), ("staging,spare", "web01,spare"), ("@*!web*", "db,spare"), ("bot?", "web[01-03],db"),
  ])
  func `a selection gives hosts in the order of the site`(text: String, expected: String) throws {
    let hosts = try Selection.hosts(text, in: Sample.site())
    let wanted = NameSet(names: hosts.map(\.name))
    #expect(wanted == (try NameSet(parsing: expected)))
    let order = ["web01", "web02", "web03", "db", "spare"]
    #expect(hosts.map(\.name) == order.filter(wanted.contains))
  }

  @Test(arguments: [
    ("all", "bot[1-7,9]"), ("web01", "bot[1-2]"), ("web01!bot2", "bot1"), ("@front&low", "bot[1-3]"),
    ("bot[1-9]!bot8", nil),
    ("db,bot1", "bot[1,7,9]"), ("low^web01", "bot3"), ("bot[7,9]", "bot[7,9]"), ("spare,bot1", "bot1"),
    ("*", "bot[1-7,9]"),
  ])
  func `a selection gives bots`(text: String, expected: String?) throws {
    let site = try Sample.site()
    guard let expected else {
      #expect(throws: SelectionError.self) { try Selection.bots(text, in: site) }
      return
    }
    let bots = try Selection.bots(text, in: site)
    #expect(NameSet(names: bots.map(\.name)).folded == expected)
    #expect(bots.allSatisfy { $0.host.bots.contains($0.name) })
  }

  @Test(arguments: [
    ("web[01-09]", "fleet.unknown_name", "the site has no web[04-09]"),
    ("bot[1-12],web04", "fleet.unknown_name", "the site has no bot[8,10-12],web04"),
    ("web01!web99", "fleet.unknown_name", "the site has no web99"),
    ("@frnt", "set.unknown_group", "no group named 'frnt' (column 1 of '@frnt')"),
    ("web01!web*", "fleet.empty_selection", "'web01!web*' selects nothing"),
    ("", "fleet.empty_selection", "the selection is empty"),
    ("xx*", "set.no_match", "nothing matches 'xx*' (column 1 of 'xx*')"),
    ("web[", "set.syntax", "'[' is never closed at column 4 of set 'web['"),
  ])
  func `a selection the site cannot meet is refused`(text: String, code: String, message: String) throws {
    let site = try Sample.site()
    for select in [{ _ = try Selection.hosts(text, in: site) }, { _ = try Selection.bots(text, in: site) }] {
      let error = #expect(throws: SelectionError.self) { try select() }
      #expect(error?.code == code)
      #expect(error?.message == message)
    }
  }

  @Test func `the hint for an empty selection selects every host`() throws {
    let site = try Sample.site()
    let error = #expect(throws: SelectionError.self) { try Selection.hosts("", in: site) }
    let word = try #require(error?.hint?.split(separator: "\"").dropFirst().first)
    // `all` is a target of the site, and here not every host.
    #expect(try Selection.hosts(String(word), in: site).count == site.hosts.count)
  }

  @Test func `an unknown name hints at the nearest`() throws {
    let error = #expect(throws: SelectionError.self) { try Selection.hosts("wbe01", in: Sample.site()) }
    #expect(error?.hint == "did you mean 'web01'?")
  }

  @Test func `a host without bots is no bot selection`() throws {
    let error = #expect(throws: SelectionError.self) { try Selection.bots("spare", in: Sample.site()) }
    #expect(error?.code == "fleet.empty_selection")
  }
}
