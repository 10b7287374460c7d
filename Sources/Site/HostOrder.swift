import PrimitiveKit

extension Site {
  /// Hosts in layers: each comes after every host its `after` names, wherever that stands; hosts of a layer are equal.
  ///
  /// Hosts that are not asked for still count: what waits for one of them waits for what that one waits for. Throws
  /// `fleet.order_cycle` and what a selector throws.
  package func layers(_ asked: [Host]) throws(SelectionError) -> [[String]] {
    var depths: [String: Int] = [:]
    var path: [String] = []
    for host in asked { _ = try depth(host, &depths, &path) }
    let layers = Dictionary(grouping: asked) { depths[$0.name] ?? 0 }
    return layers.sorted { $0.key < $1.key }.map { $0.value.map(\.name) }
  }

  /// The length of the longest chain of hosts that come before it.
  private func depth(_ host: Host, _ known: inout [String: Int], _ path: inout [String]) throws(SelectionError) -> Int {
    if let depth = known[host.name] { return depth }
    if let start = path.firstIndex(of: host.name) { throw .orderCycle(Array(path[start...]) + [host.name]) }
    path.append(host.name)
    var depth = 0
    for selector in host.after {
      // A host of a group that the whole group comes after does not wait for itself.
      for other in try Selection.hosts(selector, in: self) where other.name != host.name {
        depth = max(depth, try self.depth(other, &known, &path) + 1)
      }
    }
    path.removeLast()
    known[host.name] = depth
    return depth
  }
}
