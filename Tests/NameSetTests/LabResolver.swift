import PrimitiveKit

/// A small site: names, groups and tags.
struct LabResolver: NameResolver {
  var all = (1...12).map { "web\($0)" } + ["db1", "db2", "gate", "rack1node1", "rack1node2", "rack2node1"]
  var members = [
    "web": ["web[1-12]"], "db": ["db1,db2"], "front": ["@web!web3", "gate"], "rack1": ["rack1node[1-2]"],
    "rack2": ["rack2node1"], "loop": ["@pool"], "pool": ["web1,@loop"], "none": [],
  ]
  var tags = ["role": ["maker": ["web1", "web2"], "market maker": ["db1"]]]

  var groups: [String] { members.keys.sorted() }

  func group(_ name: String) -> [String]? { members[name] }

  func tagged(_ key: String, _ value: String) -> [String] { tags[key]?[value] ?? [] }
}
