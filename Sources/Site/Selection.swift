import PrimitiveKit

/// Resolves a selector such as `@front!web3`, `bot[1-9]`, `all` or `role:maker` to hosts or bots of a site.
package enum Selection {
  /// The selected hosts, in the order of the site; a bot stands for its host.
  package static func hosts(_ text: String, in site: Site) throws(SelectionError) -> [Host] {
    let names = Set(try resolve(text, in: site, to: .hosts))
    return site.hosts.filter { names.contains($0.name) }
  }

  /// The selected bots, by host in the order of the site; a host stands for all its bots.
  package static func bots(_ text: String, in site: Site) throws(SelectionError) -> [Bot] {
    let names = try resolve(text, in: site, to: .bots)
    return site.hosts.flatMap { host in
      host.bots.intersection(names).map { Bot(name: $0, host: host) }
    }
  }

  /// The selected names as they stand, hosts and bots; empty is allowed.
  static func names(_ text: String, in site: Site) throws(SelectionError) -> NameSet {
    try read(text, SelectionResolver(site, .anything))
  }

  private static func resolve(
    _ text: String,
    in site: Site,
    to kind: SelectionResolver.Kind
  ) throws(SelectionError) -> NameSet {
    let names = try read(text, SelectionResolver(site, kind))
    guard !names.isEmpty else { throw .empty(text) }
    return names
  }

  private static func read(_ text: String, _ resolver: SelectionResolver) throws(SelectionError) -> NameSet {
    let names: NameSet
    do throws(NameSetError) {
      names = try NameSet(parsing: text, resolver: resolver, requiringMatches: true)
    } catch {
      throw .set(error)
    }
    guard resolver.unknown.isEmpty else {
      throw .unknownNames(resolver.unknown, selection: text, nearest: resolver.nearestToUnknown)
    }
    return names
  }
}
