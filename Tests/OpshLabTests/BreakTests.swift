import Foundation
import Glibc
import Testing

@testable import OpshLab

struct BreakTests {
  @Test func `without sshd connections are refused, and bots live on`() async throws {
    try await withLab { lab async throws in
      try await lab.break(.sshd, host: "web001")
      try await expectFailure("Connection refused") { try await lab.ssh("web001", "true") }
      #expect(try await lab.status().hosts[0].running == 2)
      try await lab.mend()
      #expect(try await lab.ssh("web001", "echo back") == "back\n")
    }
  }

  @Test func `a host that hangs accepts and never answers`() async throws {
    try await withLab { lab async throws in
      try await lab.break(.hang, host: "web001")
      #expect(HostServer.accepts(lab.hosts[0].address, port: lab.port))
      try await expectFailure("timed out") { try await lab.ssh("web001", "true", options: ["-o", "ConnectTimeout=1"]) }
      try await lab.mend()
      #expect(try await lab.ssh("web001", "echo back") == "back\n")
    }
  }

  @Test func `on a full disk neither commands nor bots can write`() async throws {
    try await withLab { lab async throws in
      try await lab.break(.diskFull, host: "web001")
      try await expectFailure("rror") { try await lab.ssh("web001", "echo text > file") }
      try await eventually("the bot notices") { lab.heartbeat("web001", "bot1").isEmpty == false && stale(lab) }
      try await lab.mend()
      #expect(try await lab.ssh("web001", "echo text > file && cat file") == "text\n")
      try await eventually("the bot writes again") { !stale(lab) }
    }
  }

  /// Whether the heartbeat of bot1 is older than the 2 s it may be.
  private func stale(_ lab: Lab) -> Bool {
    Date.now.timeIntervalSince1970 - (Double(lab.heartbeat("web001", "bot1")["at"] ?? "") ?? 0) > 3
  }

  @Test func `without the registry no image can be read`() async throws {
    try await withLab { lab async throws in
      try await lab.break(.pull, host: "web001")
      try await expectFailure("No such file") { try await lab.ssh("web001", "cat registry/v2.tar.gz >/dev/null") }
      try await lab.mend()
      let digest = try await lab.ssh("web001", "sha256sum registry/v2.tar.gz").prefix(64)
      #expect(lab.images[1].digest == "sha256:" + digest)
    }
  }

  @Test func `a damaged script differs until it is mended`() async throws {
    try await withLab { lab async throws in
      await #expect(throws: LabError.self) { try await lab.break(.script, host: "web001") }
      #expect(try await lab.status().hosts[0].breaks == [])
      try await lab.ssh("web001", "mkdir -p .opsh/bin; echo 'echo fine' > .opsh/bin/host-1.sh")
      try await lab.break(.script, host: "web001")
      #expect(try await lab.ssh("web001", "cat .opsh/bin/host-1.sh") == "echo fine\n\n# damaged\n")
      try await lab.mend(host: "web001")
      #expect(try await lab.ssh("web001", "cat .opsh/bin/host-1.sh") == "echo fine\n")
    }
  }

  @Test func `another host key is noticed`() async throws {
    try await withLab { lab async throws in
      try await lab.break(.hostkey, host: "web001")
      try await expectFailure("REMOTE HOST IDENTIFICATION HAS CHANGED") { try await lab.ssh("web001", "true") }
      try await lab.mend()
      #expect(try await lab.ssh("web001", "echo back") == "back\n")
    }
  }

  @Test func `a slow host takes seconds for a command`() async throws {
    try await withLab { lab async throws in
      try await lab.break(.slow, host: "web001")
      let time = try await ContinuousClock().measure { try await lab.ssh("web001", "true") }
      #expect(time >= .seconds(3))
      #expect(try await lab.status().hosts[0].breaks == ["slow"])
      try await lab.mend()
      #expect(try await lab.status().hosts[0].breaks == [])
    }
  }

  @Test func `bots of a crashing host die at their next start`() async throws {
    try await withLab { lab async throws in
      try await lab.break(.crash, host: "web001")
      #expect(lab.process("web001", "bot1") != nil)
      try await expectFailure("price feed") { try await lab.startCopy(of: "bot1") }
    }
  }

  @Test func `a deaf bot ignores SIGTERM until it is mended`() async throws {
    try await withLab { lab async throws in
      try await lab.break(.deaf, host: "web001")
      let bot = try #require(lab.process("web001", "bot1"))
      bot.signal(SIGTERM)
      try await eventually("it says so") { lab.log("web001", "bot1").contains("SIGTERM ignored") }
      try await lab.mend()
      #expect(lab.process("web001", "bot1") == bot)
      bot.signal(SIGTERM)
      try await eventually("it stops") { lab.process("web001", "bot1") == nil }
    }
  }

  @Test func `refused bots are put out and come back when mended`() async throws {
    try await withLab { lab async throws in
      try await lab.break(.nologin, host: "web001")
      try await eventually("they are out") { lab.heartbeat("web001", "bot1")["login"] == "no" }
      #expect(try await lab.status().hosts[0].loggedIn == 0)
      try await lab.mend()
      try await eventually("they are back") { lab.heartbeat("web001", "bot1")["login"] == "yes" }
    }
  }

  @Test func `an unknown host or kind is answered with the nearest`() async throws {
    try await withLab { lab async throws in
      await #expect(throws: LabError.unknownHost(name: "web01", nearest: ["web001"])) {
        try await lab.break(.slow, host: "web01")
      }
      #expect(throws: LabError.unknownKind(name: "diskfull", nearest: ["disk-full"])) { try Break(named: "diskfull") }
    }
  }

  private func expectFailure(
    _ part: String,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
  ) async throws {
    let error = await #expect(throws: LabError.self, sourceLocation: sourceLocation) { try await body() }
    guard case .tool(_, let detail) = error else { return }
    #expect(detail.contains(part), sourceLocation: sourceLocation)
  }
}

extension Lab {
  /// Starts the bot once more in the foreground, or the bot of another image under that name.
  func startCopy(of bot: String, program: String? = nil, end: String = "") async throws {
    let program = program ?? "$PWD/image/bin/bot"
    try await ssh("web001", "cd bots/\(bot) && BOT_ID=\(bot) BOT_HOME=$PWD \(program) \(end)")
  }
}
