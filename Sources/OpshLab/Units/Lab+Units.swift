import Foundation
import Glibc

/// Hosts with systemd, on which the units of a system run.
extension Lab {
  /// More would take too much of this machine; beyond that a fleet is one of plain processes.
  static let unitHostsAllowed = 1...20

  /// Makes the home of a host: the first version as a deploy would have left it, and its unit files.
  static func furnish(_ system: UnitSystem, _ host: LabHost, number: Int, _ layout: Layout, _ record: LabRecord) throws
  {
    guard let first = record.images.first else { return }
    let home = layout.home(of: host.name)
    let root = layout.botRoot(of: host.name)
    let own = "\(home)/.lab"
    try Files.makeDirectories(root)
    try Files.makeDirectories("\(own)/breaks/\(host.name)")
    try Files.makeDirectories("\(own)/images")
    // The lab's directory is closed to other accounts: what a host needs of it lies in its home.
    try Files.link(layout.breaks(of: host.name), to: "\(own)/breaks/\(host.name)")
    for image in record.images {
      try Files.share(layout.archive(of: image.name), as: "\(own)/images/\(image.name).tar.gz")
    }
    try Files.link("\(home)/registry", to: ".lab/images")
    try Files.write(HostServer.enterScript(), to: "\(own)/enter", mode: 0o755)
    try Files.write(Files.read(layout.authorizedKeys) ?? "", to: "\(own)/authorized_keys")
    try Files.write(
      "address=\(record.loginAddress):\(record.port)\nhost=\(host.name)\nlab=\(UnitHost.home)/.lab\n",
      to: root + "/login.conf"
    )
    try first.unpack(into: root, from: layout)
    let folder = "\(home)/.config/systemd/user"
    try Files.makeDirectories(folder)
    let prefix = system.prefix(on: number)
    for unit in system.units {
      let bot = prefix + unit.kind
      try Files.makeDirectories("\(root)/\(bot)")
      try Files.makeDirectories("\(root)/data/\(bot)")
      try Files.link("\(root)/\(bot)/image", to: "../images/\(first.hex)")
      try Files.write(system.text(of: unit, prefix: prefix), to: "\(folder)/\(bot).service")
    }
    try layout.units(of: host.name).own(home)
  }

  /// Starts the hosts side by side, with sshd and their units.
  static func startUnits(
    _ layout: Layout,
    _ record: LabRecord,
    sshd: String,
    sftpServer: String,
    through keeper: borrowing KeeperPipe
  ) throws {
    for host in record.hosts {
      let units = layout.units(of: host.name)
      try keeper.start(
        try units.prepare(),
        pidFile: "\(units.directory)/keeper.pid",
        log: units.log,
        directory: "/",
        environment: ["OPSH_LAB=\(layout.root)"]
      )
    }
    for host in record.hosts {
      let units = layout.units(of: host.name)
      try units.awaitManager()
      let server = HostServer(host: host, layout: layout, user: record.user, port: record.port, units: units)
      try Files.write(
        server.configuration(key: layout.hostKey(of: host.name), sftpServer: sftpServer, accountIsLocked: false),
        to: layout.serverConfiguration(of: host.name)
      )
      try server.start(sshd, through: keeper)
      let enable = units.entering(["systemctl", "--user", "enable", "--now"] + host.bots.map { "\($0).service" })
      try Tool.run(enable[0], Array(enable.dropFirst()))
    }
  }

  /// The hosts of a lab with systemd; none in a fleet of plain processes.
  package var units: [UnitHost] {
    record.system == nil ? [] : record.hosts.map { layout.units(of: $0.name) }
  }

  /// Removes the control groups of a lab whose processes have ended.
  static func removeGroups(of layout: Layout) throws {
    guard let record = try? LabRecord.read(layout), record.system != nil else { return }
    for host in record.hosts { try layout.units(of: host.name).end() }
  }
}
