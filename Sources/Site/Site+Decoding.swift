package import PrimitiveKit

extension Site {
  /// The keys that are read here; every other key belongs to a section.
  package static let keys: [DataKey] = [
    DataKey("name", "What the site is called"),
    DataKey("user", "The login user"),
    DataKey("ssh", "How hosts are reached over SSH"),
    DataKey("runtime", "How bots run, unless their host sets another runtime"),
    DataKey("hosts", "The machines, with their bots"),
    DataKey("groups", "Named sets of hosts and bots"),
    DataKey("targets", "Names for the targets of a deploy"),
  ]

  /// Reads and checks what `site.lua` evaluated to; `sections` are what domains read of it.
  ///
  /// `transports` are the transports that there are; nil leaves them to the caller to judge. Throws a `DataError` for the
  /// first field that is wrong, with the line `locate` knows for it. A key that neither the
  /// site nor a section has is an error, whose hint names the nearest of them all.
  package init(
    decoding value: Value,
    sections: [any SiteSection.Type] = [],
    transports: [String]? = HostAddress.Kind.builtIn.map(\.rawValue),
    locate: ((_ path: String) -> SourcePlace?)? = nil
  ) throws(DataError) {
    do throws(DataError) {
      self = try Site(DataField(value), sections, transports)
    } catch {
      var error = error
      error.location = locate?(error.path)
      throw error
    }
  }

  private init(_ field: DataField, _ types: [any SiteSection.Type], _ transports: [String]?) throws(DataError) {
    try field.allow((Site.keys + types.flatMap { $0.keys }).map(\.name))
    // Files are called after it, those of the journal for one.
    let named = try field.required("name", "the name of the site")
    name = try named.string("the name of the site")
    try named.check(names: [name], also: " ")
    ssh = try SSHSettings(field.optional("ssh"))
    let defaults = HostDefaults(
      user: try field.optional("user")?.word("a user name"),
      port: ssh.port,
      runtime: try field.optional("runtime")?.plainName("the id of a runtime") ?? "process",
      transports: transports
    )
    hosts = []
    var paths: [String] = []
    let list = try field.required("hosts", "a list of hosts")
    for entry in try list.list("a list of hosts") {
      let found = try Host.read(entry, defaults)
      hosts += found
      paths += Array(repeating: entry.path, count: found.count)
    }
    if hosts.isEmpty { throw list.wrong("at least one host") }
    index = try SiteIndex(hosts, paths: paths)
    groups = try Site.setTexts(field.optional("groups"), "a table of groups, each a set")
    targets = ["all": "@*"].merging(try Site.setTexts(field.optional("targets"), "a table of targets, each a set")) {
      $1
    }
    try checkSets(field)
    sections = try DataSections(types, reading: field, in: self)
  }

  private static func setTexts(_ field: DataField?, _ expected: String) throws(DataError) -> [String: String] {
    var result: [String: String] = [:]
    for (name, set) in try field?.entries(expected) ?? [] {
      try set.check(names: [name])
      result[name] = try set.texts("a set, or a list of sets").joined(separator: ",")
    }
    return result
  }

  /// Every `after` must name hosts of the site, and no host may come after itself.
  private func checkOrder() throws(DataError) {
    guard hosts.contains(where: { !$0.after.isEmpty }) else { return }
    do throws(SelectionError) {
      _ = try layers(hosts)
    } catch {
      throw DataError(
        path: "hosts",
        expected: "hosts whose `after` names others of the site, without a cycle",
        got: error.message,
        hint: error.hint
      )
    }
  }

  /// A name means one thing: no host or bot is called like a group that a host is in, or like the target that is always there.
  private func checkOwnNames() throws(DataError) {
    for name in index.hostsByGroup.keys.sorted() + ["all"]
    where index.hostByName[name] != nil || index.hostByBot[name] != nil {
      let other = name == "all" ? "the target of that name" : "a group of that name"
      throw DataError(
        path: "hosts",
        expected: "a unique name",
        got: "'\(name)', which is a host or a bot as well as \(other)"
      )
    }
  }

  /// Every group and target must name hosts and bots of the site.
  private func checkSets(_ field: DataField) throws(DataError) {
    try checkOrder()
    try checkOwnNames()
    for key in ["groups", "targets"] {
      for (name, set) in try field.optional(key)?.entries("a table") ?? [] {
        if index.hostByName[name] != nil || index.hostByBot[name] != nil {
          let got = "'\(name)', which is also a host or a bot"
          throw DataError(path: set.path, expected: "a unique name", got: got)
        }
        let text = try set.texts("a set").joined(separator: ",")
        do throws(SelectionError) {
          _ = try Selection.names(text, in: self)
        } catch {
          throw DataError(
            path: set.path,
            expected: "a set of the site's hosts or bots",
            got: error.message,
            hint: error.hint
          )
        }
      }
    }
  }
}

extension Site.SSHSettings {
  fileprivate init(_ field: DataField?) throws(DataError) {
    self.init()
    guard let field else { return }
    try field.allow(["known_hosts", "key", "agent", "port", "connect_timeout"])
    knownHosts = try field.optional("known_hosts")?.string("the path of a known_hosts file")
    key = try field.optional("key")?.string("the path of a private key")
    agent = try field.optional("agent")?.bool() ?? agent
    port = try field.optional("port")?.int(in: 1...65535) ?? port
    connectTimeout = try field.optional("connect_timeout")?.seconds(upTo: 600) ?? connectTimeout
  }
}
