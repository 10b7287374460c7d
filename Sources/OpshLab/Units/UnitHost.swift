import Foundation
import Foundations
import Glibc

/// A host with a journal and a systemd of its own, in namespaces and a control group of this machine.
///
/// Only root can raise one.
package struct UnitHost: Sendable {
  /// Whose units run there.
  package enum Scope: String, Sendable {
    /// Those of an ordinary account, by its user manager.
    case user
    /// Those of the machine, by systemd as process 1.
    case system
  }

  /// The directory with everything of it.
  package let directory: String
  /// The home of the account `bots`, as this machine sees it.
  package let home: String
  /// Tells its control group from others on this machine.
  let name: String

  /// The account that its units run as.
  package static let user = 4242
  /// The home of that account, as the host sees it.
  package static let home = "/run/home/bots"

  package let scope: Scope

  package init(directory: String, name: String, home: String? = nil, scope: Scope = .user) {
    (self.directory, self.name, self.home) = (directory, name, home ?? "\(directory)/home")
    self.scope = scope
  }

  /// The home of whoever operates it, as the host sees it.
  package var inner: String { scope == .user ? UnitHost.home : home }

  var pidFile: String { "\(directory)/pid" }
  var log: String { "\(directory)/log/start" }

  /// Why this machine cannot raise one; nil where it can.
  package static var obstacle: String? {
    if geteuid() != 0 { return "hosts with systemd can only be raised by root" }
    if groupRoot == nil { return "this machine has no control groups of version 2" }
    for program in ["/usr/lib/systemd/systemd", "/usr/lib/systemd/systemd-journald"]
    where access(program, X_OK) != 0 {
      return "\(program) is missing (package systemd)"
    }
    for program in ["unshare", "nsenter", "setpriv"] where (try? Tool.find(program, package: "util-linux")) == nil {
      return "\(program) is missing (package util-linux)"
    }
    return nil
  }

  /// Where control groups of version 2 lie; beside those of version 1 on a machine that has both.
  private static var groupRoot: String? {
    ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"].first {
      access("\($0)/cgroup.procs", F_OK) == 0 && access("\($0)/cgroup.controllers", F_OK) == 0
    }
  }

  var group: String { "\(UnitHost.groupRoot ?? "/sys/fs/cgroup")/opshlab-\(name)" }

  /// Makes its files and its control group; answers the program that becomes the host, with what it is told.
  ///
  /// Throws a `LabError`.
  package func prepare(watched: Bool = false) throws -> [String] {
    for path in [directory, home, "\(directory)/log", group] { try Files.makeDirectories(path) }
    var bytes = [UInt8](repeating: 0, count: 16)
    for index in bytes.indices { bytes[index] = .random(in: 0...255) }
    try Files.write(
      bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "\n",
      to: "\(directory)/machine-id"
    )
    let recipe = scope == .user ? PackageResources.unit_host_sh : PackageResources.system_host_sh
    try Files.write(String(decoding: recipe, as: UTF8.self), to: "\(directory)/init.sh")
    try own(home)
    let settings =
      ["PATH=\(Tool.path)", "LANG=C.UTF-8", "D=\(directory)", "H=\(home)", "U=\(UnitHost.user)"]
      + (watched ? ["WATCH=yes"] : [])
    // The shell is in the control group before it becomes anything, and so is all that comes of it.
    let script = "echo 0 >\"$1/cgroup.procs\" && echo $$ >\"$2\" && shift 2 && exec env -i \"$@\""
    return ["/bin/sh", "-c", script, "unit-host", group, pidFile] + settings
      + ["unshare", "-m", "-p", "-C"] + (scope == .user ? [] : ["-i", "-u"])
      + ["-f", "--kill-child", "sh", "\(directory)/init.sh"]
  }

  /// Waits until its manager answers.
  package func awaitManager() throws {
    try wait(for: "systemd of \(name)", seconds: 30) {
      let enter = entering(["systemctl", "--\(scope.rawValue)", "is-system-running"])
      let said = try? Tool.run(enter[0], Array(enter.dropFirst()))
      return said?.trimmed == "running" ? nil : Files.lastLine(log) ?? "it does not answer"
    }
  }

  /// The words that run a command as `bots` on that host: with nothing set but what sshd sets.
  package func entering(_ command: [String], runtimeDirectory: Bool = true) -> [String] {
    if scope == .system { return within(["env", "-i", "HOME=\(home)", "PATH=\(Tool.path)"] + command) }
    let settings =
      ["HOME=\(UnitHost.home)", "USER=bots", "LOGNAME=bots", "PATH=\(Tool.path)"]
      + (runtimeDirectory ? ["XDG_RUNTIME_DIR=/run/user/\(UnitHost.user)"] : [])
    let account = ["setpriv", "--reuid", "\(UnitHost.user)", "--regid", "\(UnitHost.user)", "--clear-groups"]
    return within(account + ["env", "-i"] + settings + command)
  }

  /// Where what its operators run is, for the journal tells by it whose a line is.
  private var logins: String { scope == .user ? "system.slice/ssh.service" : "init.scope" }

  /// The words that run a command as root on that host.
  func within(_ command: [String]) -> [String] {
    // One line, as the keeper wants it.
    let script =
      "read -r pid <\"$1\" && echo 0 >\"$2/$3/cgroup.procs\" && shift 3 || exit 71; "
      + "exec nsenter --mount=/proc/$pid/ns/mnt --pid=/proc/$pid/ns/pid_for_children --cgroup=/proc/$pid/ns/cgroup \"$@\""
    return ["/bin/sh", "-c", script, "enter", pidFile, group, logins] + command
  }

  /// Gives a file of the host, and what is below it, to the account.
  package func own(_ path: String) throws {
    guard scope == .user else { return }
    try Tool.run(Tool.find("chown", package: "coreutils"), ["-hR", "\(UnitHost.user):\(UnitHost.user)", path])
  }

  /// The processes in the control group of a unit, as this machine numbers them.
  package func processes(of unit: String) -> [Int32] {
    let slice = scope == .system ? "system.slice" : "\(UnitHost.managers)/app.slice"
    let text = Files.read("\(group)/\(slice)/\(unit).service/cgroup.procs")
    return text?.split(separator: "\n").compactMap { Int32($0) } ?? []
  }

  /// The control group of the user manager and its units.
  private static let managers = "user.slice/user-\(user).slice/user@\(user).service"

  /// The user manager itself.
  package var manager: Int32? {
    let found =
      Files.read("\(group)/\(UnitHost.managers)/init.scope/cgroup.procs")?.split(separator: "\n").compactMap {
        Int32($0)
      } ?? []
    return found.first { ProcessStatus(of: $0)?.name == "systemd" }
  }

  /// Ends all its processes and removes its control group; its files stay.
  package func end() throws {
    if let pid = Files.read(pidFile).flatMap({ Int32($0.trimmed) }) { kill(pid, SIGKILL) }
    try wait(for: "the end of \(name)", seconds: 20) {
      removeGroups() ? nil : "processes are left in \(group)"
    }
  }

  /// Removes its control groups, the innermost first; false while one is in use.
  private func removeGroups() -> Bool {
    guard let found = try? FileManager.default.subpathsOfDirectory(atPath: group) else { return true }
    for path in found.sorted(by: { $0.count > $1.count }) { rmdir("\(group)/\(path)") }
    return rmdir(group) == 0 || errno == ENOENT
  }
}
