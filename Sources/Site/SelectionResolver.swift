package import PrimitiveKit

/// Gives the set language the names of a site, turns hosts into bots or bots into hosts, and notes unknown names.
final class SelectionResolver: NameResolver {
  enum Kind {
    case hosts, bots, anything
    /// Names need not exist.
    case symbolic
  }

  private let site: Site
  private let kind: Kind
  /// Names that were mentioned and that the site does not have.
  private(set) var unknown = NameSet()

  init(_ site: Site, _ kind: Kind) {
    self.site = site
    self.kind = kind
  }

  var groups: [String] { site.groupNames }

  var all: [String] { site.hosts.flatMap { [$0.name] + $0.bots.names } }

  func group(_ name: String) -> [String]? {
    let members = site.index.hostsByGroup[name]
    if let text = site.groups[name] { return [text] + (members ?? []) }
    return members ?? site.targets[name].map { [$0] }
  }

  func tagged(_ key: String, _ value: String) -> [String] {
    site.hosts.filter { $0.tags[key] == value }.map(\.name)
  }

  func mapped(_ names: NameSet) -> NameSet {
    if kind == .symbolic { return names }
    let hosts = names.intersection(site.index.hosts)
    let bots = names.intersection(site.index.bots)
    unknown = unknown.union(names.subtracting(hosts).subtracting(bots))
    switch kind {
    case .anything, .symbolic: return hosts.union(bots)
    case .hosts:
      let owners = Set(bots.compactMap { site.index.hostByBot[$0] })
      return hosts.union(NameSet(names: owners.map { site.hosts[$0].name }))
    case .bots:
      let theirs = hosts.compactMap { site.host(named: $0) }.flatMap(\.bots)
      return bots.union(NameSet(names: theirs))
    }
  }

  /// Names of the site close to the first few unknown ones.
  var nearestToUnknown: [String] {
    let known = all + groups
    var found: [String] = []
    for name in unknown.names.prefix(3) {
      for near in NearestName.nearest(to: name, in: known) where !found.contains(near) { found.append(near) }
    }
    return Array(found.prefix(3))
  }
}

extension Site {
  /// Resolves groups, wildcards and tags of set values; names that the site does not have stay.
  package var nameResolver: any NameResolver { SelectionResolver(self, .symbolic) }
}
