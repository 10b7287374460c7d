import PluginHost
import PrimitiveKit
import Site

/// Hosts that an inventory adds to those of the site file.
struct AddedHosts {
  /// The inventory, as messages name it.
  let source: String
  /// Where it is defined.
  let place: SourcePlace
  /// In the form of the site file.
  let entries: [Value]
}

/// A site file with the hosts that inventories add behind its own.
struct MergedSite {
  let value: Value
  private let text: SiteText
  private let added: [AddedHosts]
  /// How many entries the file itself has.
  private let own: Int

  init(_ text: SiteText, _ added: [AddedHosts]) {
    self.text = text
    self.added = added
    guard case .table(var fields) = text.value, !added.isEmpty else {
      value = text.value
      own = .max
      return
    }
    var hosts: [Value] = []
    switch fields["hosts"] {
    case .array(let entries)?: hosts = entries
    case nil, .table([:])?: break
    default:
      // What is wrong with it is the site's to say.
      value = text.value
      own = .max
      return
    }
    own = hosts.count
    fields["hosts"] = .array(hosts + added.flatMap(\.entries))
    value = .table(fields)
  }

  /// Where a field is written: in the site file, or in the plugin that added the host.
  func place(_ field: String) -> SourcePlace? {
    guard let number = MergedSite.number(field), number > own else { return text.place(field) }
    var rest = number - own
    for source in added {
      if rest <= source.entries.count { return source.place }
      rest -= source.entries.count
    }
    return text.place(field)
  }

  /// The N of `hosts[N]…`.
  private static func number(_ field: String) -> Int? {
    guard field.hasPrefix("hosts[") else { return nil }
    return Int(field.dropFirst(6).prefix { $0 != "]" })
  }
}

/// Which names are taken already, while the hosts of inventories are looked through one after the other.
struct TakenNames {
  /// Who has a name, as messages say it.
  private var owners: [String: String] = [:]

  /// The names of the site file; a file that is wrong is the site's to tell.
  init(_ text: SiteText) {
    for (host, path) in (try? Site.hosts(reading: DataField(text.value["hosts"], path: "hosts"))) ?? [] {
      add(host, "\(path) of site.lua")
    }
  }

  /// Takes the names of hosts and bots; throws a `DataError` for one that is wrong or taken, and takes none then.
  mutating func take(_ entries: [Value], by source: String) throws(DataError) {
    var taken = self
    for (host, path) in try Site.hosts(reading: DataField(.array(entries), path: "hosts")) {
      for name in [host.name] + host.bots.names {
        guard let owner = taken.owners[name] else { continue }
        throw DataError(
          path: path,
          expected: "names that no other host or bot has",
          got: "'\(name)', which \(owner == source ? "is there twice" : "\(owner) has too")"
        )
      }
      taken.add(host, source)
    }
    self = taken
  }

  private mutating func add(_ host: Host, _ owner: String) {
    for name in [host.name] + host.bots.names { owners[name] = owner }
  }
}
