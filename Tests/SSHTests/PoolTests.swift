import Foundation
import Foundations
import Glibc
import SSH
import Testing

extension SSHTests {
  struct PoolTests {
    /// Runs a command on every endpoint at once and returns how many exited 0, and the errors.
    private func fan(_ client: SSHClient, _ endpoints: [SSHEndpoint]) async -> (succeeded: Int, errors: [SSHError]) {
      await withTaskGroup(of: SSHError?.self) { group in
        for endpoint in endpoints {
          group.addTask {
            do throws(SSHError) {
              let status = try await client.execute(SSHCommand("true"), on: endpoint).status
              return status == 0 ? nil : .commandRefused(endpoint, reason: "status")
            } catch {
              return error
            }
          }
        }
        var errors: [SSHError] = []
        for await error in group { if let error { errors.append(error) } }
        return (endpoints.count - errors.count, errors)
      }
    }

    @Test func `thirty commands at once need one login`() async throws {
      let server = try SSHServer()
      let client = try server.client { $0.spreadAfter = .seconds(30) }
      let outcome = await fan(client, Array(repeating: server.endpoint(), count: 30))
      #expect(outcome.succeeded == 30)
      #expect(server.logins == 1)
    }

    @Test func `a hundred hosts behind one sshd lose nothing under its default MaxStartups`() async throws {
      let server = try SSHServer(["MaxStartups 10:30:100"])
      let addresses = (1...100).map { "127.0.7.\($0)" }
      let client = try server.client {
        $0.knownHosts = [(try? server.knownHosts(addresses)) ?? ""]
        $0.connectTimeout = .seconds(60)
      }
      let outcome = await fan(client, addresses.map { server.endpoint($0) })
      #expect(outcome.errors.map(\.message) == [])
      #expect(server.logins == 100)
    }

    @Test func `thirty logins to one address under the default MaxStartups lose nothing`() async throws {
      let server = try SSHServer(["MaxStartups 10:30:100"])
      let client = try server.client { $0.connectTimeout = .seconds(60) }
      let outcome = await fan(client, (1...30).map { server.endpoint(name: "host\($0)") })
      #expect(outcome.errors.map(\.message) == [])
      #expect(server.logins == 30)
    }

    @Test(arguments: [1, 2]) func `commands wait where the server has no more channels`(sessions: Int) async throws {
      let server = try SSHServer(["MaxSessions \(sessions)"])
      let client = try server.client { $0.spreadAfter = .seconds(60) }
      let outcome = await fan(client, Array(repeating: server.endpoint(), count: 12))
      #expect(outcome.errors.map(\.message) == [])
      #expect(server.logins == 1)
    }

    @Test func `a server that opens no channel at all is said to`() async throws {
      let server = try SSHServer(["MaxSessions 0"])
      let client = try server.client()
      let outcome = await fan(client, Array(repeating: server.endpoint(), count: 3))
      #expect(outcome.succeeded == 0)
      #expect(outcome.errors.allSatisfy { $0.code == "ssh.command_refused" })
    }

    @Test func `a ninth long command gets a connection of its own`() async throws {
      let server = try SSHServer()
      let client = try server.client { $0.spreadAfter = .milliseconds(200) }
      let marker = server.folder + "/release"
      let outcomes = await withTaskGroup(of: Int32?.self) { group in
        for _ in 0..<8 {
          let line = "until [ -e \(marker) ]; do sleep 0.05; done"
          group.addTask { try? await client.execute(SSHCommand(line), on: server.endpoint()).status }
        }
        group.addTask { try? await client.execute(SSHCommand("touch \(marker)"), on: server.endpoint()).status }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(outcomes == Array(repeating: 0, count: 9))
      #expect(server.logins == 2)
    }

    @Test func `a connection that broke while idle is replaced unnoticed`() async throws {
      let server = try SSHServer()
      let client = try server.client()
      _ = try await client.execute(SSHCommand("true"), on: server.endpoint())
      for session in server.sessions { kill(session, SIGKILL) }
      let result = try await client.execute(SSHCommand("echo back"), on: server.endpoint())
      #expect(result.stdout.text == "back\n")
      #expect(server.logins == 2)
    }

    @Test func `a connection lost in the middle of a command leaves its effect possible`() async throws {
      let server = try SSHServer()
      let client = try server.client()
      let begun = AsyncStream<Void>.makeStream()
      let endpoint = server.endpoint()
      let task = Task {
        try await client.execute(
          SSHCommand("echo begun; sleep 60") { _, _ in begun.continuation.yield() },
          on: endpoint
        )
      }
      for await _ in begun.stream { break }
      for session in server.sessions { kill(session, SIGKILL) }
      let result = await task.result
      let error = #expect(throws: SSHError.self) { try result.get() }
      #expect(error?.code == "ssh.connection_lost")
      #expect(error?.effectPossible == true)
    }

    @Test func `an idle connection is closed after its time`() async throws {
      let server = try SSHServer()
      let client = try server.client { $0.idleClose = .milliseconds(50) }
      _ = try await client.execute(SSHCommand("true"), on: server.endpoint())
      let deadline = ContinuousClock.now + .seconds(20)
      while !server.log.contains("Disconnected from"), ContinuousClock.now < deadline {
        try await Task.sleep(for: .milliseconds(20))
      }
      #expect(server.log.contains("Disconnected from"))
    }

    @Test func `a stopped sshd holds up nobody else`() async throws {
      let stopped = try SSHServer()
      let healthy = try SSHServer()
      kill(stopped.processID, SIGSTOP)
      let client = SSHClient(
        configuration: {
          var configuration = $0
          configuration.connectTimeout = .seconds(3)
          return configuration
        }(
          SSHConfiguration(
            knownHosts: [try stopped.knownHosts(), try healthy.knownHosts()],
            keyFiles: [TestKeys.shared.ed25519]
          )
        )
      )
      let hanging = Task { try await client.execute(SSHCommand("true"), on: stopped.endpoint()) }
      let begin = ContinuousClock.now
      let result = try await client.execute(SSHCommand("echo alive"), on: healthy.endpoint())
      #expect(result.stdout.text == "alive\n")
      #expect(ContinuousClock.now - begin < .seconds(3))
      let error = await #expect(throws: SSHError.self) { try await hanging.value }
      #expect(error?.code == "ssh.connect_timeout")
      #expect(error?.effectPossible == false)
    }

    @Test func `a session that is stopped in the middle counts as lost after three silent keep-alives`() async throws {
      let server = try SSHServer()
      let client = try server.client { $0.keepAlive = .seconds(2) }
      let begun = AsyncStream<Void>.makeStream()
      let endpoint = server.endpoint()
      let task = Task {
        try await client.execute(
          SSHCommand("echo begun; sleep 60") { _, _ in begun.continuation.yield() },
          on: endpoint
        )
      }
      for await _ in begun.stream { break }
      let sessions = server.sessions
      for session in sessions { kill(session, SIGSTOP) }
      let result = await task.result
      for session in sessions { kill(session, SIGKILL) }
      let error = #expect(throws: SSHError.self) { try result.get() }
      #expect(error?.code == "ssh.connection_lost")
      #expect(error?.effectPossible == true)
    }

    @Test func `with two places twelve hosts are reached in turn, and idle connections make room`() async throws {
      let server = try SSHServer()
      let addresses = (1...12).map { "127.0.7.\($0)" }
      var configuration = try server.configuration(addresses)
      configuration.connectTimeout = .seconds(60)
      let client = SSHClient(configuration: configuration, places: Places(2))
      for _ in 0..<2 {
        let outcome = await fan(client, addresses.map { server.endpoint($0) })
        #expect(outcome.errors.map(\.message) == [])
        #expect(outcome.succeeded == 12)
      }
      // At most two were still there for the second round.
      #expect(server.logins >= 22)
      await client.close()
    }

    @Test func `a closed client refuses further calls`() async throws {
      let server = try SSHServer()
      let client = try server.client()
      _ = try await client.execute(SSHCommand("true"), on: server.endpoint())
      await client.close()
      await #expect(throws: SSHError.closed) { try await client.execute(SSHCommand("true"), on: server.endpoint()) }
    }
  }
}
