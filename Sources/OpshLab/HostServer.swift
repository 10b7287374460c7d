import Glibc

/// The sshd of one host: every host has its own, so each can be broken alone and has its own MaxStartups.
struct HostServer {
  let host: LabHost
  let layout: Layout
  let user: String
  let port: Int
  /// The host it serves, where that has namespaces of its own.
  var units: UnitHost?

  /// The text of sshd_config(5); MaxStartups and MaxSessions stay at what sshd ships with.
  ///
  /// HOME and SHLVL keep the login shell from reading the start-up files of the person who runs the lab: bash reads
  /// `~/.bashrc` when sshd runs it, but only at the outermost level.
  func configuration(key: String, sftpServer: String, accountIsLocked: Bool) -> String {
    let own = "\(UnitHost.home)/.lab"
    let (home, lab) = units == nil ? (layout.home(of: host.name), layout.root) : (UnitHost.home, own)
    return """
      ListenAddress \(host.address):\(port)
      HostKey \(key)
      PidFile none
      AuthorizedKeysFile \(units == nil ? layout.authorizedKeys : "\(own)/authorized_keys")
      AuthenticationMethods publickey
      PasswordAuthentication no
      KbdInteractiveAuthentication no
      UsePAM \(accountIsLocked ? "yes" : "no")
      StrictModes no
      PermitRootLogin prohibit-password
      AllowUsers \(user)
      UseDNS no
      PrintMotd no
      PrintLastLog no
      X11Forwarding no
      SetEnv HOME=\(home) OPSH_LAB=\(lab) OPSH_LAB_HOST=\(host.name) SHLVL=1
      ForceCommand exec \(units == nil ? layout.enter : "\(own)/enter")
      Subsystem sftp \(sftpServer)

      """
  }

  func start(_ sshd: String, through keeper: borrowing KeeperPipe) throws {
    let command = [sshd, "-D", "-e", "-f", layout.serverConfiguration(of: host.name)]
    try keeper.start(
      units?.within(command) ?? command,
      pidFile: layout.serverPid(of: host.name),
      log: layout.serverLog(of: host.name),
      directory: "/"
    )
  }

  /// The script a login runs: it enters the home of the host and then does what was asked.
  static func enterScript() -> String {
    """
    #!/bin/sh
    # Gives a login on one loopback address the home of its own host; sshd has set HOME, OPSH_LAB and OPSH_LAB_HOST.
    cd "$HOME" || exit 71
    breaks=$OPSH_LAB/breaks/$OPSH_LAB_HOST
    if [ -e "$breaks/slow" ]; then sleep "$(cat "$breaks/slow")"; fi
    # A full disk without being root: files can be made, but hold nothing. The signal is ignored from the start, so that
    # a write fails (EFBIG) and kills nobody, also in a login that was there before the break.
    trap '' XFSZ
    if [ -e "$breaks/disk-full" ]; then ulimit -S -f 0; fi
    unset breaks OLDPWD SHLVL
    if [ -n "$SSH_ORIGINAL_COMMAND" ]; then exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"; fi
    exec /bin/sh -i

    """
  }

  static func findSFTPServer() throws(LabError) -> String {
    let places = ["/usr/lib/openssh", "/usr/lib/ssh", "/usr/libexec/openssh", "/usr/libexec"]
    for place in places where access("\(place)/sftp-server", X_OK) == 0 { return "\(place)/sftp-server" }
    throw .missingProgram(name: "sftp-server", package: "openssh-sftp-server")
  }

  /// Whether sshd without PAM would refuse the account: its password field begins with `!` (sshd(8), LOGIN PROCESS).
  static func isLocked(_ user: String) -> Bool {
    guard geteuid() == 0, let shadow = Files.read("/etc/shadow") else { return false }
    return shadow.split(separator: "\n").contains { $0.hasPrefix("\(user):!") }
  }

  /// As root sshd needs the directory it confines its unprivileged part to; packages make it at boot only.
  static func makePrivilegeSeparationDirectory() throws {
    if geteuid() == 0 { try Files.makeDirectory("/run/sshd", mode: 0o755) }
  }
}
