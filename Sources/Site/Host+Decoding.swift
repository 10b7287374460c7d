package import PrimitiveKit

/// What a host inherits from the site.
struct HostDefaults {
  var user: String?
  var port: Int
  var runtime: String
  /// The transports that there are; nil where that is judged later.
  var transports: [String]? = nil
}

extension Site {
  /// Reads a list of hosts in the form of `site.lua`; answers each with the field that it came from.
  ///
  /// Throws a `DataError` for the first field that is wrong. What a site says of all its hosts is not applied.
  package static func hosts(reading list: DataField) throws(DataError) -> [(host: Host, path: String)] {
    let defaults = HostDefaults(user: nil, port: 22, runtime: "process")
    var hosts: [(Host, String)] = []
    for entry in try list.list("a list of hosts") {
      for host in try Host.read(entry, defaults) { hosts.append((host, entry.path)) }
    }
    return hosts
  }
}

extension Host {
  /// The hosts of one entry: one, or with a range in `name` as many, with addresses and bots dealt out in order.
  static func read(_ field: DataField, _ defaults: HostDefaults) throws(DataError) -> [Host] {
    try field.allow(["name", "address", "port", "user", "bots", "groups", "tags", "runtime", "transport", "after"])
    let nameField = try field.required("name", "the name of a host, or a range of names")
    let nameText = try nameField.string("the name of a host, or a range of names")
    let names = try nameField.set(nameText).names
    guard !names.isEmpty else { throw nameField.wrong("the name of a host") }
    try nameField.check(names: names)
    let addresses = try addresses(field.optional("address"), for: names)
    let bots = try bots(field.optional("bots"), for: names)
    let transport = try transport(field.optional("transport"), defaults.transports)
    var host = Host(
      name: "",
      port: try field.optional("port")?.int(in: 1...65535) ?? defaults.port,
      user: try field.optional("user")?.word("a user name") ?? defaults.user,
      groups: try groups(field.optional("groups")),
      tags: try tags(field.optional("tags")),
      runtime: try field.optional("runtime")?.plainName("the id of a runtime") ?? defaults.runtime,
      transport: transport
    )
    host.after = try field.optional("after")?.texts("a set of hosts, or a list of sets") ?? []
    return names.indices.map { number in
      var copy = host
      copy.name = names[number]
      copy.address = addresses[number]
      copy.bots = bots[number]
      return copy
    }
  }

  /// One address per name; a range in the address must be as long as the one in the name.
  private static func addresses(_ field: DataField?, for names: [String]) throws(DataError) -> [String] {
    guard let field else { return names }
    let text = try field.word("an address")
    // Without a range it is taken as it stands: an IPv6 address is no tag.
    let addresses = text.contains("[") ? try field.set(text).names : [text]
    guard addresses.count == names.count else {
      throw DataError(
        path: field.path,
        expected: names.count == 1 ? "one address" : "\(names.count) addresses, one per host",
        got: "\(addresses.count) ('\(text)')",
        hint: names.count == 1 ? nil : "write a range of the same length as in `name`"
      )
    }
    return addresses
  }

  /// The bots of each host: the first go to the first host, and all get as many.
  private static func bots(_ field: DataField?, for names: [String]) throws(DataError) -> [NameSet] {
    guard let field else { return names.map { _ in NameSet() } }
    let set = try field.set(try field.texts("a set of bots, or a list of them").joined(separator: ","))
    try field.check(names: set)
    if names.count == 1 { return [set] }
    let bots = set.names
    let share = bots.count / names.count
    guard share * names.count == bots.count else {
      throw DataError(
        path: field.path,
        expected: "a number of bots that \(names.count) hosts can share evenly",
        got: "\(bots.count) (\(set.folded))",
        hint: "\(share * names.count) or \((share + 1) * names.count) would fit, or give the odd host its own entry"
      )
    }
    return names.indices.map { NameSet(names: bots[($0 * share)..<(($0 + 1) * share)]) }
  }

  private static func groups(_ field: DataField?) throws(DataError) -> [String] {
    guard let field else { return [] }
    let names = try field.texts("a list of group names")
    try field.check(names: names)
    return names
  }

  private static func tags(_ field: DataField?) throws(DataError) -> [String: String] {
    var tags: [String: String] = [:]
    for (key, tag) in try field?.entries("a table of tags") ?? [] {
      try tag.check(names: [key])
      switch tag.value {
      case .int(let int): tags[key] = "\(int)"
      case .bool(let bool): tags[key] = "\(bool)"
      default: tags[key] = try tag.string("a text, a whole number, true or false")
      }
    }
    return tags
  }

  private static func transport(_ field: DataField?, _ known: [String]?) throws(DataError) -> HostAddress.Kind {
    guard let field else { return .ssh }
    guard let known else { return HostAddress.Kind(rawValue: try field.plainName("the name of a transport")) }
    return try field.transport(among: known)
  }
}

extension DataField {
  /// One of these transports; throws a `DataError` that names the nearest.
  package func transport(among names: [String]) throws(DataError) -> HostAddress.Kind {
    let expected = names.map { "\"\($0)\"" }.joined(separator: " or ")
    let text = try string(expected)
    guard names.contains(text) else { throw wrong(expected, hint: NearestName.question(for: text, in: names)) }
    return HostAddress.Kind(rawValue: text)
  }
}
