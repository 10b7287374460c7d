import Foundation
import Foundations
import Testing

@testable import OpshLab

struct HostTests {
  @Test func `a login lands in the home of its own host`() async throws {
    try await withLab(hosts: 2, botsPerHost: 1) { lab async throws in
      for host in ["web001", "web002"] {
        let home = lab.layout.home(of: host)
        #expect(try await lab.ssh(host, "pwd; echo ~; echo $OPSH_LAB_HOST") == "\(home)\n\(home)\n\(host)\n")
      }
    }
  }

  @Test func `sftp writes into the home of its host`() async throws {
    try await withLab { lab async throws in
      let batch = lab.layout.run + "/batch"
      let source = lab.layout.run + "/source"
      try Files.write("put \(source) arrived\n", to: batch)
      try Files.write("bytes\n", to: source)
      let sftp = try Tool.find("sftp", package: "openssh-client")
      try await offPool {
        try Tool.run(sftp, ["-b", batch] + lab.clientOptions + ["\(lab.user)@\(lab.hosts[0].address)"])
      }
      #expect(Files.read(lab.layout.home(of: "web001") + "/arrived") == "bytes\n")
    }
  }

  @Test func `output, standard input and the exit status pass through`() async throws {
    try await withLab { lab async throws in
      #expect(try await lab.ssh("web001", "printf '%s|' \"a  b\" 'c\"d'") == "a  b|c\"d|")
      await #expect(throws: LabError.tool(name: "ssh", detail: "status 7")) { try await lab.ssh("web001", "exit 7") }
    }
  }

  @Test func `what a login leaves behind is reaped when it ends`() async throws {
    try await withLab { lab async throws in
      let pid = try #require(
        Int32(try await lab.ssh("web001", "setsid sleep 3000 >/dev/null 2>&1 </dev/null & echo $!").trimmed)
      )
      try #require(ProcessStatus(of: pid)).signal(SIGKILL)
      try await eventually("no zombie is left") { ProcessStatus(of: pid) == nil }
    }
  }

  @Test(.enabled(if: geteuid() == 0 && OrdinaryUser.any != nil, "needs root and an ordinary user with a shell"))
  func `an ordinary user can raise a lab`() async throws {
    let user = try #require(OrdinaryUser.any)
    let directory = freshDirectory()
    defer { try? Files.removeTree(directory) }
    try Files.makeDirectory(directory, mode: 0o755)
    // The build directory may be closed to other users.
    let bot = try BotProgram.find()
    for name in ["opsh-lab", "opsh-lab-bot"] {
      try Tool.install(bot.replacing("opsh-lab-bot", with: name), as: "\(directory)/\(name)")
    }
    chown(directory, user.uid, user.gid)
    let run = [
      "--reuid", String(user.uid), "--regid", String(user.gid), "--clear-groups", "\(directory)/opsh-lab",
    ]
    let setpriv = try Tool.find("setpriv", package: "util-linux")
    let lab = directory + "/lab"
    let up = try await offPool { try Tool.run(setpriv, run + ["up", "--json", "--hosts", "2", "--dir", lab]) }
    #expect(up.contains(#""user":"\#(user.name)""#))
    // Root may use the user's key, so the same client serves.
    #expect(try await Lab.open(directory: lab).ssh("web002", "id -u; pwd") == "\(user.uid)\n\(lab)/hosts/web002\n")
    try await offPool { try Tool.run(setpriv, run + ["down", "--dir", lab]) }
    #expect(!Files.exists(lab))
    #expect(ProcessTable().processes(of: Layout(root: lab)).isEmpty)
  }
}

/// Someone of this machine who is not root and may log in.
struct OrdinaryUser: Sendable {
  let name: String
  let uid: uid_t
  let gid: gid_t

  static let any: OrdinaryUser? = (Files.read("/etc/passwd") ?? "").split(separator: "\n").lazy
    .map { $0.split(separator: ":", omittingEmptySubsequences: false) }
    .compactMap { fields in
      guard fields.count == 7, ["/bin/sh", "/bin/bash", "/usr/bin/bash"].contains(fields[6]),
        let uid = uid_t(fields[2]), uid != 0, let gid = gid_t(fields[3])
      else { return nil }
      return OrdinaryUser(name: String(fields[0]), uid: uid, gid: gid)
    }.first
}
