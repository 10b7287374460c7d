/// The `site.lua` of a lab: pure data, what opsh needs to reach it and nothing more.
enum SiteFile {
  static func text(_ record: LabRecord, _ layout: Layout) -> String {
    let hosts = record.hosts.map { host in
      "    { name = \"\(host.name)\", address = \"\(host.address)\", bots = \"\(host.selection)\", "
        + "groups = { \"\(host.group)\" }, tags = { zone = \"\(host.zone)\" } },\n"
    }
    let images = record.images.map { image in
      "    [\"\(image.name)\"] = { digest = \"\(image.digest)\", source = \"registry/\(image.name).tar.gz\" },\n"
    }
    let canary = record.hosts.first?.name ?? ""
    let systems = systems(record)
    let runtime = record.system == nil ? "process" : "systemd"
    let staging = record.hosts.contains { $0.group == "staging" }
    return """
      -- Written by `opsh-lab up`; `opsh-lab down` removes it.
      return {
        name = "lab",
        user = "\(record.user)",
        ssh = { known_hosts = "\(layout.knownHosts)", key = "\(layout.userKey)", agent = false, port = \(record.port) },
        runtime = "\(runtime)",
        runtimes = { \(runtime) = { root = "bots" } },
      \(systems)
        hosts = {
      \(hosts.joined())  },
        groups = { canary = "\(canary)" },
        targets = { all = "@production"\(staging ? ", staging = \"@staging\"" : "") },
        images = {
      \(images.joined())  },
        default_image = "v2",
        settle = 2,
        login_wait = 1,
        secrets = { pager = { command = { "printf", "key-of-the-lab" } } },
        confirm = { yes_allowed = { "routine", "fast", "immediate" } },
      }

      """
  }

  /// The systems of the lab: its fleet is one, and so are the units of each host with systemd.
  private static func systems(_ record: LabRecord) -> String {
    guard let system = record.system.flatMap({ try? UnitSystem.named($0) }) else {
      return "  systems = { lab = { plugin = \"lab\", on = \"*\" } },"
    }
    let lines = record.hosts.enumerated().map { number, host in
      "    \(system.name(on: number)) = { plugin = \"\(system.name)\", on = \"\(host.name)\", "
        + "prefix = \"\(system.prefix(on: number))\" },\n"
    }
    return "  systems = {\n\(lines.joined())  },"
  }
}
