import Foundation
import Foundations
import Glibc

extension Lab {
  /// What the login service allows once the lab is up: the pace of the routine deploy (requirement R1-10).
  static let loginRate = 15
  static let loginBurst = 45

  static func raise(directory: String, size: Size, port: Int?) throws -> Lab {
    let begun = ContinuousClock.now
    try size.validate()
    let layout = try Layout(directory: directory)
    let sshd = try Tool.find("sshd", package: "openssh-server")
    let sftpServer = try HostServer.findSFTPServer()
    _ = try Tool.find("ssh-keygen", package: "openssh-client")
    let program = try BotProgram.find()
    let block = AddressBlock(directory: layout.root)
    let system = try size.system.map { name throws(LabError) in try UnitSystem.named(name) }
    if system != nil, let obstacle = UnitHost.obstacle { throw LabError.notReady(what: "systemd", detail: obstacle) }
    let hosts =
      system?.roster(hosts: size.hosts, block: block)
      ?? LabHost.roster(
        hosts: size.hosts,
        botsPerHost: size.botsPerHost,
        staging: size.staging ?? (size.hosts >= 2),
        block: block
      )
    var record = LabRecord(
      state: .starting,
      starter: ProcessStatus.own,
      user: system == nil ? try currentUser() : "bots",
      port: 0,
      loginAddress: block.login,
      hosts: hosts,
      images: [],
      system: system?.name,
      seconds: 0
    )
    try layout.claim(record)
    do {
      record.port = try block.freePort(for: [block.login] + hosts.map(\.address), wanted: port)
      try lay(layout, program: program)
      try Keys.make(in: layout, hosts: hosts, port: record.port)
      record.images = try Image.build(in: layout)
      try Files.write(record.text(), to: layout.record)
      if let system {
        for (number, host) in hosts.enumerated() { try furnish(system, host, number: number, layout, record) }
      } else {
        try furnish(layout, record)
      }
      try HostServer.makePrivilegeSeparationDirectory()
      try start(layout, record, sshd: sshd, sftpServer: sftpServer)
      if system == nil { try LabPlugin.write(layout) }
      try Files.write(SiteFile.text(record, layout), to: layout.site)
      record.state = .up
      record.seconds = Double((ContinuousClock.now - begun) / .milliseconds(1)) / 1000
      try Files.write(record.text(), to: layout.record)
    } catch {
      try? clear(layout)
      throw error
    }
    return Lab(layout: layout, record: record)
  }

  private static func lay(_ layout: Layout, program: String) throws {
    for path in [layout.keys, layout.images, layout.programs, layout.run, layout.hosts, layout.breaks] {
      try Files.makeDirectory(path)
    }
    try Tool.install(program, as: layout.bot)
    try Files.write(HostServer.enterScript(), to: layout.enter, mode: 0o755)
  }

  /// Makes the homes of the hosts, with the first version as a deploy would have left it.
  private static func furnish(_ layout: Layout, _ record: LabRecord) throws {
    guard let first = record.images.first else { return }
    for host in record.hosts {
      let root = layout.botRoot(of: host.name)
      try Files.makeDirectories(root)
      try Files.makeDirectory(layout.breaks(of: host.name))
      try Files.link(layout.home(of: host.name) + "/registry", to: layout.images)
      var settings = "address=\(record.loginAddress):\(record.port)\nhost=\(host.name)\nlab=\(layout.root)\n"
      // What system.lua of the lab's plugin says of it.
      if host.bots.contains("bot1") { settings += "feed=bot1\nlisten=\(host.address):7180\n" }
      try Files.write(settings, to: root + "/login.conf")
      try first.unpack(into: root, from: layout)
      for bot in host.bots {
        try Files.makeDirectories("\(root)/\(bot)/log")
        try Files.makeDirectories("\(root)/data/\(bot)")
        try Files.link("\(root)/\(bot)/image", to: "../images/\(first.hex)")
      }
    }
  }

  private static func start(_ layout: Layout, _ record: LabRecord, sshd: String, sftpServer: String) throws {
    try KeeperPipe.startKeeper(layout)
    let keeper = try KeeperPipe(layout)
    // Everybody logs in at once now; the usual limit comes when they are in.
    try keeper.start(
      [
        layout.bot, "login-service", "--listen", "\(record.loginAddress):\(record.port)", "--port-file",
        layout.loginPort, "--rate", "100000", "--burst", "100000",
      ],
      pidFile: layout.loginPid,
      log: layout.loginLog,
      directory: layout.root
    )
    if record.system != nil {
      try startUnits(layout, record, sshd: sshd, sftpServer: sftpServer, through: keeper)
    }
    let locked = HostServer.isLocked(record.user)
    for host in record.hosts where record.system == nil {
      let server = HostServer(host: host, layout: layout, user: record.user, port: record.port)
      try Files.write(
        server.configuration(
          key: layout.hostKey(of: host.name),
          sftpServer: sftpServer,
          accountIsLocked: locked
        ),
        to: layout.serverConfiguration(of: host.name)
      )
      try server.start(sshd, through: keeper)
    }
    try wait(for: "the login service", seconds: 20) {
      Files.exists(layout.loginPort) ? nil : Files.lastLine(layout.loginLog) ?? "no port yet"
    }
    if record.system == nil, let image = record.images.first {
      for host in record.hosts { try startBots(of: host, image: image, layout, through: keeper) }
    }
    for host in record.hosts { try HostServer.awaitAnswer(host, layout, port: record.port) }
    try awaitBots(layout, record)
    let service = LoginService(address: record.loginAddress, port: record.port)
    try service.limit(rate: loginRate, burst: loginBurst)
    try service.forget()
  }

  private static func startBots(
    of host: LabHost,
    image: Image,
    _ layout: Layout,
    through keeper: borrowing KeeperPipe
  ) throws {
    let root = layout.botRoot(of: host.name)
    for bot in host.bots {
      let home = "\(root)/\(bot)"
      try keeper.start(
        ["\(root)/images/\(image.hex)/bin/bot"],
        pidFile: home + "/pid",
        log: home + "/log/bot.log",
        directory: home,
        environment: [
          "HOME=\(layout.home(of: host.name))", "OPSH_LAB_HOST=\(host.name)", "BOT_ID=\(bot)", "BOT_HOME=\(home)",
          "BOT_DATA=\(root)/data/\(bot)",
        ]
      )
    }
  }

  private static func awaitBots(_ layout: Layout, _ record: LabRecord) throws {
    var waiting = record.hosts.flatMap { host in
      host.bots.map { "\(layout.botRoot(of: host.name))/\($0)" }
    }
    try wait(for: "the bots", seconds: 60) {
      waiting.removeAll { (Files.read($0 + "/heartbeat") ?? "").contains("\nlogin=yes\n") }
      guard let home = waiting.first else { return nil }
      return "\(waiting.count) not logged in; first \(home): \(Files.lastLine(home + "/log/bot.log") ?? "no log")"
    }
  }

  private static func currentUser() throws -> String {
    guard let entry = getpwuid(geteuid()), let name = entry.pointee.pw_name else {
      throw LabError.system(call: "getpwuid", subject: "user \(geteuid())", detail: "no such user")
    }
    return String(cString: name)
  }
}

extension Lab.Size {
  /// More hosts than this would need more addresses and files than one machine gives.
  static let hostsAllowed = 1...1000
  static let botsAllowed = 1...50

  func validate() throws(LabError) {
    let hostsAllowed = system == nil ? Self.hostsAllowed : Lab.unitHostsAllowed
    if !hostsAllowed.contains(hosts) { throw .count(what: "--hosts", given: hosts, allowed: hostsAllowed) }
    if !Self.botsAllowed.contains(botsPerHost) {
      throw .count(what: "--bots-per-host", given: botsPerHost, allowed: Self.botsAllowed)
    }
  }
}
