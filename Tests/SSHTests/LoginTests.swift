import Foundation
import Glibc
import PrimitiveKit
import SSH
import Testing

extension SSHTests {
  struct LoginTests {
    let server: SSHServer

    init() throws { server = try SSHServer() }

    private func error(_ change: (inout SSHConfiguration) throws -> Void, _ endpoint: SSHEndpoint? = nil) async throws
      -> SSHError?
    {
      var configuration = try server.configuration()
      try change(&configuration)
      let client = SSHClient(configuration: configuration)
      let endpoint = endpoint ?? server.endpoint()
      return await #expect(throws: SSHError.self) { try await client.execute(SSHCommand("true"), on: endpoint) }
    }

    private func fingerprint(_ key: String) throws -> String {
      let line = try Scratch.run("/usr/bin/ssh-keygen", "-lf", key)
      return String(line.split(separator: " ")[1])
    }

    @Test(arguments: ["ed25519", "ecdsa", "ecdsa384", "rsa"])
    func `a key of every kind logs in`(kind: String) async throws {
      let client = try server.client { $0.keyFiles = ["\(TestKeys.shared.folder)/\(kind)"] }
      let result = try await client.execute(SSHCommand("echo in"), on: server.endpoint())
      #expect(result.stdout.text == "in\n")
    }

    @Test func `a second key is tried when the first is refused`() async throws {
      let client = try server.client { $0.keyFiles = [TestKeys.shared.stranger, TestKeys.shared.ecdsa] }
      let result = try await client.execute(SSHCommand("echo in"), on: server.endpoint())
      #expect(result.stdout.text == "in\n")
    }

    @Test func `a refused key names the user and the key`() async throws {
      let error = try await error { $0.keyFiles = [TestKeys.shared.stranger] }
      #expect(error == .authenticationFailed(server.endpoint(), tried: [TestKeys.shared.stranger]))
      #expect(error?.effectPossible == false)
    }

    @Test func `without a key there is nothing to try`() async throws {
      #expect(try await error { $0.keyFiles = [] } == .noCredentials(server.endpoint()))
    }

    @Test func `a key file that others may read is refused`() async throws {
      let path = try Scratch.folder("open") + "/key"
      try FileManager.default.copyItem(atPath: TestKeys.shared.ed25519, toPath: path)
      chmod(path, 0o644)
      let error = try await error { $0.keyFiles = [path] }
      #expect(error?.code == "key.too_open")
      #expect(error?.message == "the key file \(path) can be read by others (mode 0644)")
      #expect(error?.hint == "chmod 600 \(path)")
    }

    @Test func `an encrypted key file asks for the agent`() async throws {
      let error = try await error { $0.keyFiles = [TestKeys.shared.encrypted] }
      #expect(error?.code == "key.encrypted")
      #expect(error?.hint == "load it into an agent: ssh-add \(TestKeys.shared.encrypted)")
    }

    @Test func `a missing key file is named`() async throws {
      #expect(try await error { $0.keyFiles = ["/nowhere/key"] } == .keyFile(.missing(path: "/nowhere/key")))
    }

    @Test func `an unknown host key is refused with its fingerprint`() async throws {
      let error = try await error { $0.knownHosts = ["/nowhere/known_hosts"] }
      let offered = HostKeyOffer(type: "ssh-ed25519", fingerprint: try fingerprint(TestKeys.shared.hostKey))
      #expect(error == .hostKeyUnknown(server.endpoint(), offered: offered, files: ["/nowhere/known_hosts"]))
      #expect(error?.effectPossible == false)
      #expect(!server.log.contains("Accepted"))
    }

    @Test func `a changed host key is refused with the line that says otherwise`() async throws {
      let file = try server.knownHosts(key: TestKeys.publicKey(TestKeys.shared.otherHostKey))
      let error = try await error { $0.knownHosts = [file] }
      let offered = HostKeyOffer(type: "ssh-ed25519", fingerprint: try fingerprint(TestKeys.shared.hostKey))
      #expect(error == .hostKeyChanged(server.endpoint(), offered: offered, known: "\(file):1"))
    }

    @Test func `a server whose known type cannot be verified is not said to have changed`() async throws {
      let three = try SSHServer(["HostKey \(TestKeys.shared.ecdsaHostKey)", "HostKey \(TestKeys.shared.rsa)"])
      let file = try three.knownHosts(key: TestKeys.publicKey(TestKeys.shared.rsa))
      let client = try three.client { $0.knownHosts = [file] }
      let error = await #expect(throws: SSHError.self) {
        try await client.execute(SSHCommand("true"), on: three.endpoint(name: "web001"))
      }
      let failure = try #require(error)
      #expect(failure.code == "ssh.host_key_type_unknown" && failure.failureClass == .unavailable)
      let message = failure.message
      #expect(
        message.hasPrefix("the host key of web001 cannot be checked: known_hosts lists ssh-rsa (\(file):1); "),
        "\(message)"
      )
      for type in ["ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512"] {
        #expect(message.contains(type), "\(message)")
      }
      #expect(message.contains("of which this build verifies "), "\(message)")
      let hint = failure.hint ?? ""
      #expect(hint.contains("-o StrictHostKeyChecking=yes -o UpdateHostKeys=yes") && hint.contains(file), "\(hint)")
      #expect(!hint.contains("-R") && !hint.contains("keyscan"))
    }

    @Test func `a server without a host key that can be verified is said to have none`() async throws {
      let rsa = try SSHServer(["HostKeyAlgorithms rsa-sha2-512", "HostKey \(TestKeys.shared.rsa)"])
      let client = try rsa.client {
        $0.knownHosts = [(try? rsa.knownHosts(key: TestKeys.publicKey(TestKeys.shared.rsa))) ?? ""]
      }
      let error = await #expect(throws: SSHError.self) {
        try await client.execute(SSHCommand("true"), on: rsa.endpoint())
      }
      let failure = try #require(error)
      #expect(failure.code == "ssh.handshake", "\(failure.message)")
      #expect(failure.message.contains("it offers host keys of the types rsa-sha2-512; this build verifies "))
      #expect(failure.hint == "`ssh -v -p \(rsa.port) 127.0.0.1` shows what each side offers")
    }

    @Test func `the hint for an unknown key adds that key and no other`() async throws {
      let failure = try #require(try await error { $0.knownHosts = ["/nowhere/known_hosts"] })
      let key = try TestKeys.publicKey(TestKeys.shared.hostKey)
      #expect(
        failure.hint?.hasSuffix("add this line to /nowhere/known_hosts: [127.0.0.1]:\(server.port) \(key)") == true
      )
    }

    @Test func `a known_hosts file that cannot be read is a fault here, and no key looks unknown`() async throws {
      let folder = try Scratch.folder("hosts")
      let failure = try #require(try await error { $0.knownHosts = [folder] })
      #expect(failure.code == "ssh.known_hosts" && failure.failureClass == .refused && failure.mark == .local)
      #expect(failure.message.contains("nothing was sent: \(folder) cannot be read"))
      #expect(failure.hint?.contains("known_hosts") != true)
      let empty = try #require(try await error { $0.knownHosts = ["/dev/null"] })
      #expect(empty.code == "ssh.host_key_unknown")
    }

    @Test func `a server is asked for the type of key that is known`() async throws {
      let both = try SSHServer(["HostKey \(TestKeys.shared.ecdsaHostKey)"])
      let file = try both.knownHosts(key: TestKeys.publicKey(TestKeys.shared.ecdsaHostKey))
      let client = try both.client { $0.knownHosts = [file] }
      #expect(try await client.execute(SSHCommand("true"), on: both.endpoint()).status == 0)
    }

    @Test func `a repaired known_hosts file is read again`() async throws {
      let file = try server.knownHosts(key: TestKeys.publicKey(TestKeys.shared.otherHostKey))
      let client = try server.client { $0.knownHosts = [file] }
      await #expect(throws: SSHError.self) { try await client.execute(SSHCommand("true"), on: server.endpoint()) }
      let repaired = "[127.0.0.1]:\(server.port) \(try TestKeys.publicKey(TestKeys.shared.hostKey))\n"
      try repaired.write(toFile: file, atomically: true, encoding: .utf8)
      #expect(try await client.execute(SSHCommand("true"), on: server.endpoint()).status == 0)
    }

    @Test func `a port where nothing listens refuses`() async throws {
      var endpoint = server.endpoint()
      endpoint.port = 1
      #expect(try await error({ _ in }, endpoint) == .refused(endpoint))
    }

    @Test func `a name that does not exist is unreachable`() async throws {
      let error = try await error({ _ in }, SSHEndpoint(address: "no-such-host.invalid", user: "root"))
      #expect(error?.code == "ssh.unreachable")
    }

    @Test func `a user the host does not know is not let in`() async throws {
      let endpoint = server.endpoint(user: "nobody-of-that-name")
      let error = try await error({ _ in }, endpoint)
      #expect(error?.code == "ssh.authentication")
    }
  }
}
