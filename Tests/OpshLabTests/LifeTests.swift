import Foundation
import Foundations
import Glibc
import Testing

@testable import OpshLab

struct LifeTests {
  @Test func `what goes up comes down without a trace`() async throws {
    let lab = try await Lab.up(directory: freshDirectory(), hosts: 3, botsPerHost: 2)
    // The login service, four sshd, six bots and the staging trio.
    #expect(try lab.lasting.count == 14)
    let status = try await lab.status()
    #expect(status.hosts.map(\.name) == ["web001", "web002", "web003", "stage01"])
    #expect(status.hosts.allSatisfy { $0.running == $0.bots && $0.loggedIn == $0.bots && $0.breaks.isEmpty })
    try await lab.down()
    #expect(ProcessTable().processes(of: lab.layout).isEmpty)
    #expect(!Files.exists(lab.directory))
  }

  @Test func `down ends what was started over ssh and left behind`() async throws {
    let lab = try await Lab.up(directory: freshDirectory(), hosts: 1, botsPerHost: 1)
    let pid = try await lab.ssh("web001", "setsid sleep 3000 >/dev/null 2>&1 </dev/null & echo $!").trimmed
    let number = try #require(Int32(pid))
    #expect(ProcessTable().processes(of: lab.layout).contains { $0.pid == number })
    try await lab.down()
    #expect(ProcessStatus(of: number).map { $0.state == "Z" } ?? true)
  }

  @Test func `a second up is refused and harms nothing`() async throws {
    try await withLab { lab async throws in
      let before = try lab.lasting.map(\.startTicks)
      await #expect(throws: LabError.alreadyUp(directory: lab.directory)) {
        try await Lab.up(directory: lab.directory, hosts: 1, botsPerHost: 1)
      }
      #expect(try lab.lasting.map(\.startTicks) == before)
      #expect(try await lab.status().hosts[0].loggedIn == 2)
    }
  }

  @Test func `a lab that is being raised is left alone`() async throws {
    let directory = freshDirectory()
    let record = LabRecord(
      state: .starting,
      starter: ProcessStatus.own,
      user: "ops",
      port: 0,
      loginAddress: "",
      hosts: [],
      images: [],
      seconds: 0
    )
    try Files.makeDirectory(directory)
    try Files.write(record.text(), to: directory + "/lab.json")
    await #expect(throws: LabError.alreadyUp(directory: directory)) {
      try await Lab.up(directory: directory, hosts: 1, botsPerHost: 1)
    }
    try await Lab.down(directory: directory)
    #expect(!Files.exists(directory))
  }

  @Test func `two labs live side by side`() async throws {
    try await withLab { first async throws in
      try await withLab { second async throws in
        #expect(try await second.ssh("web001", "pwd").trimmed == second.layout.home(of: "web001"))
      }
      #expect(try await first.ssh("web001", "pwd").trimmed == first.layout.home(of: "web001"))
    }
  }

  @Test func `down clears away a lab whose up was killed`() async throws {
    let directory = freshDirectory()
    let layout = try Layout(directory: directory)
    let program = try BotProgram.find().replacing("opsh-lab-bot", with: "opsh-lab")
    let up = Process()
    up.executableURL = URL(filePath: program)
    up.arguments = ["up", "--dir", directory, "--hosts", "40"]
    up.standardOutput = FileHandle.nullDevice
    try up.run()
    try await eventually("the keeper runs") { ProcessStatus(pidFile: layout.keeperPid) != nil }
    kill(up.processIdentifier, SIGKILL)
    up.waitUntilExit()
    try await Lab.down(directory: directory)
    #expect(ProcessTable().processes(of: layout).isEmpty)
    #expect(!Files.exists(directory))
  }

  @Test func `a directory with other files is left alone`() async throws {
    let directory = freshDirectory()
    try Files.makeDirectory(directory)
    try Files.write("{}", to: directory + "/lab.json")
    try Files.write("mine", to: directory + "/notes")
    await #expect(throws: LabError.leftOver(directory: directory)) {
      try await Lab.up(directory: directory, hosts: 1, botsPerHost: 1)
    }
    await #expect(throws: LabError.notALab(directory: directory)) { try await Lab.down(directory: directory) }
    unlink(directory + "/lab.json")
    await #expect(throws: LabError.notALab(directory: directory)) {
      try await Lab.up(directory: directory, hosts: 1, botsPerHost: 1)
    }
    #expect(Files.read(directory + "/notes") == "mine")
    try Files.removeTree(directory)
  }

  @Test func `a port in use is named and nothing stays behind`() async throws {
    let directory = freshDirectory()
    let address = AddressBlock(directory: try Layout(directory: directory).root).login
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    #expect(withSocketAddress(address, 0) { bind(listener, $0, $1) } == 0)
    #expect(listen(listener, 1) == 0)
    var bound = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &bound) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &size) }
    }
    let port = Int(UInt16(bigEndian: bound.sin_port))
    await #expect(throws: LabError.portInUse(port: port, address: address)) {
      try await Lab.up(directory: directory, port: port)
    }
    #expect(!Files.exists(directory))
  }
}
