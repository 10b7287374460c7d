import Foundation
import SSH
import Testing

extension SSHTests {
  struct AgentTests {
    let server: SSHServer
    let agent: RunningAgent

    init() throws {
      server = try SSHServer()
      agent = try RunningAgent()
    }

    @Test(arguments: ["ed25519", "ecdsa", "rsa"])
    func `an agent's key of every kind logs in`(kind: String) async throws {
      try agent.add("\(TestKeys.shared.folder)/\(kind)")
      let client = try server.client {
        $0.keyFiles = []
        $0.agentSocket = agent.socket
      }
      #expect(try await client.execute(SSHCommand("echo in"), on: server.endpoint()).stdout.text == "in\n")
    }

    @Test func `an agent without keys is of no help`() async throws {
      let client = try server.client {
        $0.keyFiles = []
        $0.agentSocket = agent.socket
      }
      await #expect(throws: SSHError.noCredentials(server.endpoint())) {
        try await client.execute(SSHCommand("true"), on: server.endpoint())
      }
    }

    @Test func `an agent that is not there is named when it is needed, and only then`() async throws {
      let without = try server.client {
        $0.keyFiles = []
        $0.agentSocket = "/nowhere/agent"
      }
      let error = await #expect(throws: SSHError.self) {
        try await without.execute(SSHCommand("true"), on: server.endpoint())
      }
      #expect(error?.code == "ssh.agent")
      let with = try server.client { $0.agentSocket = "/nowhere/agent" }
      #expect(try await with.execute(SSHCommand("true"), on: server.endpoint()).status == 0)
    }
  }
}

/// A real ssh-agent, ended by its own process id.
final class RunningAgent: Sendable {
  let socket: String
  private let process = Process()

  init() throws {
    socket = try Scratch.folder("agent") + "/socket"
    process.executableURL = URL(fileURLWithPath: "/usr/bin/ssh-agent")
    process.arguments = ["-D", "-a", socket]
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let deadline = ContinuousClock.now + .seconds(20)
    while !FileManager.default.fileExists(atPath: socket), ContinuousClock.now < deadline { usleep(5000) }
  }

  deinit { process.terminate() }

  func add(_ key: String) throws {
    try Scratch.run("/usr/bin/env", "SSH_AUTH_SOCK=\(socket)", "/usr/bin/ssh-add", "-q", key)
  }
}
