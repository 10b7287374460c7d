import Foundation
import SSH
import Testing

extension SSHTests {
  struct AgentTests {
    let server: SSHServer
    private let agent: RunningAgent

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

/// A real ssh-agent, which ends with its owner.
private final class RunningAgent: Sendable {
  let socket: String
  private let leash: Leash

  init() throws {
    let folder = try Scratch.folder("agent")
    let socket = folder + "/socket"
    leash = try Leash("/usr/bin/ssh-agent", ["-D", "-a", socket], folder: folder)
    try Scratch.await("ssh-agent listens") { FileManager.default.fileExists(atPath: socket) ? true : nil }
    self.socket = socket
  }

  func add(_ key: String) throws {
    try Scratch.run("/usr/bin/env", "SSH_AUTH_SOCK=\(socket)", "/usr/bin/ssh-add", "-q", key)
  }
}
