import PrimitiveKit
import Testing

struct NameSetTests {
  @Test(arguments: [
    ("", "", 0), ("bot539", "bot539", 1), ("bot[1-534]", "bot[1-534]", 534), ("web[001-178]", "web[001-178]", 178),
    ("bot3,bot1,bot2,bot7", "bot[1-3,7]", 4), ("web[1-9]!web3", "web[1-2,4-9]", 8), ("a[1-9/2]", "a[1,3,5,7,9]", 5),
    ("rack[1-2]node[1-3]", "rack[1-2]node[1-3]", 6), ("web[1-3].example.com", "web[1-3].example.com", 3),
    ("a[1-5]&a[4-9]", "a[4-5]", 2), ("a[1-5]^a[4-9]", "a[1-3,6-9]", 7), ("a,b!a,a", "a,b", 2), ("a!a,b&b", "b", 1),
    (" a1 , a2 ", "a[1-2]", 2), ("a[08,10-99,100]", "a[08,10-99,100]", 92), ("a[1-2]5", "a[15,25]", 2),
    ("a[1,01,001]", "a[1,01,001]", 3), ("rack[1-2]node[1-2]!rack1node1", "rack2node[1-2],rack1node2", 3),
    ("gate,db1,web", "db1,gate,web", 3), ("x12345678901234567890", "x12345678901234567890", 1),
  ])
  func `a set folds to its shortest form`(text: String, folded: String, count: Int) throws {
    let set = try NameSet(parsing: text)
    #expect(set.folded == folded)
    #expect(set.count == count)
    #expect(set.names.count == count)
  }

  @Test func `names come in order`() throws {
    let set = try NameSet(
      parsing: "bot[10,9,1],@web,a1",
      resolver: LabResolver(all: ["web2"], members: ["web": ["web2"]])
    )
    #expect(set.names == ["a1", "bot1", "bot9", "bot10", "web2"])
    #expect(Array(set) == set.names)
  }

  @Test func `a set knows its members`() throws {
    let set = try NameSet(parsing: "web[001-178],rack[1-2]node[1-2],gate")
    #expect(["web007", "rack2node1", "gate"].allSatisfy(set.contains))
    #expect(!["web7", "web179", "rack3node1", "gates", ""].contains(where: set.contains))
    #expect(set.isSuperset(of: try NameSet(parsing: "gate,web[010-020]")))
    #expect(!set.isSuperset(of: try NameSet(parsing: "gate2")))
  }

  @Test func `equal sets are equal values`() throws {
    let one = try NameSet(parsing: "rack1node[1-2],rack2node1,rack2node2")
    let other = try NameSet(parsing: "rack[1-2]node[1-2]")
    #expect(one == other)
    #expect(Set([one, other]).count == 1)
  }

  @Test func `the four operations agree with sets of strings`() throws {
    var random = RandomSets(seed: 11)
    var compared = 0
    while compared < 300 {
      guard let a = try? NameSet(parsing: random.next(), resolver: LabResolver()),
        let b = try? NameSet(parsing: random.next(), resolver: LabResolver()), !"\(a),\(b)".contains("-5"),
        !"\(a),\(b)".contains("[-")
      else { continue }
      let (left, right) = (Set(a.names), Set(b.names))
      #expect(Set(a.union(b).names) == left.union(right))
      #expect(Set(a.subtracting(b).names) == left.subtracting(right))
      #expect(Set(a.intersection(b).names) == left.intersection(right))
      #expect(Set(a.symmetricDifference(b).names) == left.symmetricDifference(right))
      #expect(a.count == left.count)
      compared += 1
    }
  }

  @Test func `many names stay cheap`() throws {
    let clock = ContinuousClock()
    var folded = ""
    let range = try clock.measure { folded = try NameSet(parsing: "bot[1-100000]").folded }
    #expect(folded == "bot[1-100000]")
    #expect(range < .seconds(10))
    let names = (1...20_000).map { "bot\($0)" }
    let collect = clock.measure { folded = NameSet(names: names.reversed()).folded }
    #expect(folded == "bot[1-20000]")
    #expect(collect < .seconds(10))
    // Once quadratic: more than a minute for 100,000 names, even optimised.
    let text = names.joined(separator: ",")
    let read = try clock.measure { folded = try NameSet(parsing: text).folded }
    #expect(folded == "bot[1-20000]")
    #expect(read < .seconds(20))
  }
}
