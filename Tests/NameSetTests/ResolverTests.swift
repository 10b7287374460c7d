import PrimitiveKit
import Testing

struct ResolverTests {
  @Test(arguments: [
    ("@front", "gate,web[1-2,4-12]"), ("@rack[1-2]", "rack1node[1-2],rack2node1"), ("@*&db*", "db[1-2]"),
    ("web?", "web[1-9]"), ("web1*", "web[1,10-12]"), ("nothing*", ""), ("role:maker", "web[1-2]"),
    ("role:\"market maker\",web3", "db1,web3"), ("role:'market maker'", "db1"), ("role:none", ""),
    ("front!web[1-9]", "gate,web[10-12]"),
    ("gate", "gate"), ("@none", ""), ("web!role:maker", "web[3-12]"), ("::1", "::1"),
  ])
  func `groups, wildcards and tags resolve`(text: String, folded: String) throws {
    #expect(try NameSet(parsing: text, resolver: LabResolver()).folded == folded)
  }

  @Test func `a known name wins over a group of the same name`() throws {
    let resolver = LabResolver(all: ["db", "db1"], members: ["db": ["db1"]])
    #expect(try NameSet(parsing: "db", resolver: resolver).folded == "db")
    #expect(try NameSet(parsing: "@db", resolver: resolver).folded == "db1")
  }

  @Test(arguments: [("web*x", "set.no_match"), ("role:nobody", "set.no_match"), ("web1!web9*9", "set.no_match")])
  func `a strict reading refuses what matches nothing`(text: String, code: String) {
    let error = #expect(throws: NameSetError.self) {
      try NameSet(parsing: text, resolver: LabResolver(), requiringMatches: true)
    }
    #expect(error?.code == code)
  }

  @Test(arguments: ["@web", "web*", "role:maker"])
  func `without a site only written names resolve`(text: String) {
    let error = #expect(throws: NameSetError.self) { try NameSet(parsing: text) }
    #expect(error?.code == "set.needs_site")
  }

  @Test func `a group that contains itself is named`() {
    let error = #expect(throws: NameSetError.self) { try NameSet(parsing: "@loop", resolver: LabResolver()) }
    #expect(error?.message == "group 'loop' contains itself: loop > pool > loop")
  }

  @Test func `an unknown group names the nearest`() {
    let error = #expect(throws: NameSetError.self) { try NameSet(parsing: "gate,@fornt", resolver: LabResolver()) }
    #expect(error?.code == "set.unknown_group")
    #expect(error?.hint == "  gate,@fornt\n       ^\ndid you mean 'front'?")
  }
}
