import Approvals
import Drivers
import Foundation
import PrimitiveKit
import Subprocess
import Testing

@Suite(.timeLimit(.minutes(2))) struct SignatureTests {
  let time = Date(timeIntervalSince1970: 1_800_000_000)
  let runbook = Array("return { version = \"1.0.0\" }\n".utf8)

  func ring() async throws -> KeyRing {
    let ring = try KeyRing()
    for name in ["alice", "mallory"] { try await ring.key(name) }
    try ring.allow((principals: "alice,alice@example.com", options: "", key: "alice"))
    return ring
  }

  func refusal(_ body: () async throws -> Void) async -> CallFailure? {
    await #expect(throws: CallFailure.self) { try await body() }
  }

  @Test func `a signed runbook is checked by the key of a listed operator`() async throws {
    let ring = try await ring()
    let signature = RunbookSignature(tool: ring.tool, signers: ring.signers, now: { [time] in time })
    let text = try await signature.sign(runbook, file: "deploy.lua", key: "\(ring.directory)/alice")
    #expect(try await signature.check(runbook, file: "deploy.lua", signature: text) == "alice")

    let edited = await refusal { _ = try await signature.check(runbook + [32], file: "deploy.lua", signature: text) }
    #expect(edited?.code == "runbook.signature")
    #expect(
      edited?.message == "the signature of deploy.lua is not valid: Signature verification failed: incorrect signature"
    )
    let unsigned = await refusal { _ = try await signature.check(runbook, file: "deploy.lua", signature: nil) }
    #expect(unsigned?.message == "deploy.lua is not signed: no deploy.lua.sig found")
    #expect(unsigned?.hint == "sign it with: opsh sign deploy.lua")
    let garbage = await refusal { _ = try await signature.check(runbook, file: "deploy.lua", signature: "x") }
    #expect(garbage?.code == "runbook.signature")
  }

  @Test func `a runbook signed by somebody else is refused, already when it is signed`() async throws {
    let ring = try await ring()
    let lonely = RunbookSignature(tool: ring.tool, signers: nil, now: { [time] in time })
    let text = try await lonely.sign(runbook, file: "deploy.lua", key: "\(ring.directory)/mallory")
    let signature = RunbookSignature(tool: ring.tool, signers: ring.signers, now: { [time] in time })
    let failure = await refusal { _ = try await signature.check(runbook, file: "deploy.lua", signature: text) }
    #expect(failure?.message.contains("signed with a key that") == true)
    #expect(
      await refusal { _ = try await signature.sign(runbook, file: "deploy.lua", key: "\(ring.directory)/mallory") }?
        .code
        == "runbook.signature"
    )
    #expect(
      await refusal { _ = try await lonely.check(runbook, file: "deploy.lua", signature: text) }?.code
        == "runbook.signature"
    )
  }

  @Test func `a signature for one purpose does not hold for the other`() async throws {
    let ring = try await ring()
    let text = try await ring.tool.sign(runbook, namespace: .approval, key: "\(ring.directory)/alice")
    let signature = RunbookSignature(tool: ring.tool, signers: ring.signers, now: { [time] in time })
    let failure = await refusal { _ = try await signature.check(runbook, file: "deploy.lua", signature: text) }
    #expect(failure?.message.hasSuffix("namespace does not match") == true)
    await #expect(throws: SignatureError.self) {
      try await ring.tool.verify(
        runbook,
        signature: text,
        namespace: .runbook,
        principal: "alice",
        signers: ring.signers,
        at: time
      )
    }
  }

  @Test(arguments: ["rsa", "ecdsa"]) func `every kind of key signs`(type: String) async throws {
    let ring = try KeyRing()
    let key = try await ring.key("alice", type: type)
    try ring.allow((principals: "alice", options: "", key: "alice"))
    let text = try await ring.tool.sign(runbook, namespace: .approval, key: key)
    let fingerprint = try await ring.tool.verify(
      runbook,
      signature: text,
      namespace: .approval,
      principal: "alice",
      signers: ring.signers,
      at: time
    )
    #expect(fingerprint.hasPrefix("SHA256:"))
  }

  @Test func `a key with a passphrase fails instead of waiting for a terminal`() async throws {
    let ring = try KeyRing()
    let key = try await ring.key("alice", passphrase: "open sesame")
    let error = await #expect(throws: SignatureError.self) {
      try await ring.tool.sign(runbook, namespace: .approval, key: key)
    }
    guard case .unusableKey(key, let reason)? = error else { throw try #require(error) }
    #expect(reason.contains("passphrase"))
    let missing = await #expect(throws: SignatureError.self) {
      try await ring.tool.sign(runbook, namespace: .approval, key: "/no/such")
    }
    #expect(
      missing == .unusableKey(key: "/no/such", reason: "Couldn't load public key /no/such: No such file or directory")
    )
  }

  @Test func `a key that only the agent holds signs`() async throws {
    let ring = try KeyRing()
    let key = try await ring.key("alice")
    try ring.allow((principals: "alice", options: "", key: "alice"))
    var environment = ProcessInfo.processInfo.environment
    environment["SSH_AUTH_SOCK"] = "\(ring.directory)/agent"
    let (lines, up) = AsyncStream<Void>.makeStream()
    var agent = Subprocess(path: "/usr/bin/env", arguments: ["ssh-agent", "-D", "-a", "\(ring.directory)/agent"])
    agent.onOutput = { _ in up.yield() }
    let running = Task { [agent] in try await agent.run() }
    defer { running.cancel() }
    // It prints the address of its socket once it listens.
    for await _ in lines { break }
    #expect(try await ring.run("/usr/bin/env", ["ssh-add", "-q", key], environment: environment).status == 0)
    try FileManager.default.removeItem(atPath: key)
    let tool = OpenSSHSignatureTool(environment: environment)
    let text = try await tool.sign(runbook, namespace: .approval, key: "\(key).pub")
    #expect(
      try await tool.verify(
        runbook,
        signature: text,
        namespace: .approval,
        principal: "alice",
        signers: ring.signers,
        at: time
      ).hasPrefix("SHA256:")
    )
  }

  @Test func `a machine without ssh-keygen is told so`() async throws {
    let tool = OpenSSHSignatureTool(environment: ["PATH": "/no/such"])
    let error = await #expect(throws: SignatureError.self) {
      try await tool.sign(runbook, namespace: .approval, key: "x")
    }
    #expect(error == .unavailable("ssh-keygen is not on the PATH"))
  }

  @Test func `files go where they are named, whole`() throws {
    let ring = try KeyRing()
    let path = "\(ring.directory)/a.sig"
    #expect(try TextFile.readIfThere(path) == nil)
    try TextFile.write("one\n", to: path)
    #expect(try TextFile.readIfThere(path) == "one\n")
    #expect(throws: CallFailure.self) { try TextFile.read("\(path).not") }
    #expect(throws: CallFailure.self) { try TextFile.write("x", to: "\(ring.directory)/no/such") }
  }
}
