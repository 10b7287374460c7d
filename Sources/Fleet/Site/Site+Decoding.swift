package import PrimitiveKit

extension Site {
  /// Reads and checks what `site.lua` evaluated to.
  ///
  /// Throws a `SiteError` for the first field that is wrong, with the line `locate` knows for it.
  package init(
    decoding value: Value,
    locate: ((_ path: String) -> SourcePlace?)? = nil
  ) throws(SiteError) {
    do throws(SiteError) {
      self = try Site(SiteField(value: value, path: ""))
    } catch {
      var error = error
      error.location = locate?(error.path)
      throw error
    }
  }

  private init(_ field: SiteField) throws(SiteError) {
    try field.allow(
      [
        "name", "user", "ssh", "runtime", "runtimes", "hosts", "groups", "targets", "images", "default_image",
        "confirm", "login_wait", "settle",
      ] + SiteRunSettings.keys
    )
    name = try field.required("name", "the name of the site").string("the name of the site")
    ssh = try SSHSettings(field.optional("ssh"))
    runtimes = [:]
    for (id, runtime) in try field.optional("runtimes")?.entries("a table of runtimes by id") ?? [] {
      _ = try runtime.entries("the table of a runtime's configuration")
      runtimes[id] = runtime.value
    }
    let defaults = HostDefaults(
      user: try field.optional("user")?.string("a user name"),
      port: ssh.port,
      runtime: try field.optional("runtime")?.string("the id of a runtime") ?? "process"
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
    images = try Image.read(field.optional("images"))
    defaultImage = nil
    confirm = Confirm()
    loginWait = try field.optional("login_wait")?.seconds(upTo: 3600)
    settle = try field.optional("settle")?.seconds(upTo: 3600)
    runs = try SiteRunSettings(field)
    defaultImage = try defaultImage(field.optional("default_image"))
    confirm = try confirm(field.optional("confirm"))
    try checkSets(field)
  }

  private static func setTexts(_ field: SiteField?, _ expected: String) throws(SiteError) -> [String: String] {
    var result: [String: String] = [:]
    for (name, set) in try field?.entries(expected) ?? [] {
      if let wrong = name.first(where: { "@,!&^*?[]: ".contains($0) }) {
        throw SiteError(path: set.path, expected: "a plain name", got: "'\(wrong)' in '\(name)'")
      }
      result[name] = try set.texts("a set, or a list of sets").joined(separator: ",")
    }
    return result
  }

  private func defaultImage(_ field: SiteField?) throws(SiteError) -> String? {
    guard let field else { return nil }
    let name = try field.string("the name of an image")
    guard images[name] != nil else {
      let hint = NearestName.question(for: name, in: images.keys) ?? "add it to `images`"
      throw field.wrong("the name of an image", hint: hint)
    }
    return name
  }

  private func confirm(_ field: SiteField?) throws(SiteError) -> Confirm {
    var confirm = Confirm()
    try field?.allow(["yes_allowed", "reason_required"])
    if let allowed = field?.optional("yes_allowed") {
      confirm.yesAllowed = try allowed.speeds()
    }
    confirm.reasonRequired = try field?.optional("reason_required")?.bool() ?? false
    return confirm
  }

  /// Every `after` must name hosts of the site, and no host may come after itself.
  private func checkOrder() throws(SiteError) {
    guard hosts.contains(where: { !$0.after.isEmpty }) else { return }
    do {
      _ = try layers(hosts)
    } catch {
      let failure = CallFailure(anyError: error)
      throw SiteError(
        path: "hosts",
        expected: "hosts whose `after` names others of the site and turns in no circle",
        got: failure.message,
        hint: failure.hint
      )
    }
  }

  /// Every group and target must name hosts and bots of the site.
  private func checkSets(_ field: SiteField) throws(SiteError) {
    try checkOrder()
    for key in ["groups", "targets"] {
      for (name, set) in try field.optional(key)?.entries("a table") ?? [] {
        if index.hostByName[name] != nil || index.hostByBot[name] != nil {
          let got = "'\(name)', which is also a host or a bot"
          throw SiteError(path: set.path, expected: "a name of its own", got: got)
        }
        let text = try set.texts("a set").joined(separator: ",")
        do throws(SelectionError) {
          _ = try Selection.names(text, in: self)
        } catch {
          throw SiteError(
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
  fileprivate init(_ field: SiteField?) throws(SiteError) {
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

extension Image {
  fileprivate static func read(_ field: SiteField?) throws(SiteError) -> [String: Image] {
    var images: [String: Image] = [:]
    for (name, image) in try field?.entries("a table of images by name") ?? [] {
      try image.allow(["digest", "source"])
      let digest = try image.required("digest", "\"sha256:\" and 64 hexadecimal digits")
      guard let parsed = Digest(try digest.string("a digest")) else {
        throw digest.wrong("\"sha256:\" and 64 hexadecimal digits", hint: "`sha256sum FILE` prints the digits")
      }
      let source = try image.required("source", "a path or a URL").string("a path or a URL")
      images[name] = Image(name: name, digest: parsed, source: source)
    }
    return images
  }
}
