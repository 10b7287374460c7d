/// A system that a lab can raise: what its units are called, what they say of each other, and what the site says of it.
struct UnitSystem: Sendable {
  /// One unit.
  struct Unit: Sendable {
    let kind: String
    let description: String
    /// Lines of its section `Unit`; `PREFIX` is what the names of its units begin with.
    var dependencies = ""
    /// What it writes once it works.
    let ready: String
    /// Whether a new host starts it.
    var isStarted = true
  }

  let name: String
  let prefix: String
  let units: [Unit]

  static let all = [aiquant]

  /// The four units of seed 004, with the `Requires=` of the original: the traders go down with their data.
  static let aiquant = UnitSystem(
    name: "aiquant",
    prefix: "openclaw-ai-quant-",
    units: [
      Unit(kind: "ws-sidecar", description: "Market data websocket", ready: "websocket connected"),
      Unit(
        kind: "trader",
        description: "Paper trading daemon",
        dependencies: "Requires=PREFIXws-sidecar.service\nAfter=PREFIXws-sidecar.service\n",
        ready: "config loaded: config/strategy_overrides.yaml"
      ),
      Unit(
        kind: "live",
        description: "Live trading daemon",
        dependencies: "Requires=PREFIXws-sidecar.service\nAfter=PREFIXws-sidecar.service\n",
        ready: "config loaded: config/strategy_overrides.yaml"
      ),
      Unit(kind: "monitor", description: "Real-time dashboard", ready: "dashboard is up"),
    ]
  )

  static func named(_ name: String) throws(LabError) -> UnitSystem {
    guard let system = all.first(where: { $0.name == name }) else {
      throw .usage("--system takes \(all.map(\.name).joined(separator: ", ")), not '\(name)'")
    }
    return system
  }

  /// What the names of its units begin with on a host, counted from 0: a name belongs to one bot of a site.
  func prefix(on host: Int) -> String {
    host == 0 ? prefix : prefix.replacing("-ai", with: "\(host + 1)-ai")
  }

  /// How the site calls it there.
  func name(on host: Int) -> String { host == 0 ? name : "\(name)\(host + 1)" }

  /// The hosts of a lab, one system each.
  func roster(hosts: Int, block: AddressBlock) -> [LabHost] {
    (0..<hosts).map { index in
      let number = String(index + 1)
      return LabHost(
        name: "quant" + String(repeating: "0", count: max(0, 2 - number.count)) + number,
        address: block.host(index),
        firstBot: 0,
        lastBot: 0,
        group: "production",
        zone: ["a", "b", "c"][index % 3],
        units: units.map { prefix(on: index) + $0.kind }
      )
    }
  }

  /// The unit file of one of them, as its makers wrote it: it runs the version that `image` in its home points to.
  func text(of unit: Unit, prefix: String) -> String {
    """
    [Unit]
    Description=\(unit.description)
    \(unit.dependencies.replacing("PREFIX", with: prefix))
    [Service]
    WorkingDirectory=%h/bots/%N
    ExecStart=%h/bots/%N/image/bin/bot
    Environment=BOT_ID=%N BOT_HOME=%h/bots/%N BOT_DATA=%h/bots/data/%N
    Environment="BOT_READY=\(unit.ready)"
    Restart=on-failure
    RestartSec=5

    [Install]
    WantedBy=default.target

    """
  }
}
