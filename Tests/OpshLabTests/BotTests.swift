import Foundation
import Foundations
import Testing

@testable import OpshLab

struct BotTests {
  @Test func `a bot beats, is logged in and stops on SIGTERM`() async throws {
    try await withLab { lab async throws in
      let bot = try #require(lab.process("web001", "bot1"))
      let first = lab.heartbeat("web001", "bot1")
      #expect(first["pid"] == String(bot.pid))
      #expect(first["version"] == "v1")
      #expect(first["login"] == "yes")
      try await eventually("the heart beats on") { lab.heartbeat("web001", "bot1")["at"] != first["at"] }
      #expect(lab.heartbeat("web001", "bot1")["since"] == first["since"])
      bot.signal(SIGTERM)
      try await eventually("it is gone") { ProcessStatus(of: bot.pid) == nil }
      #expect(lab.log("web001", "bot1").contains("logging out"))
      #expect(try lab.loginService.status().sessions == ["bot2"])
    }
  }

  @Test func `a second login of one bot is recorded`() async throws {
    try await withLab { lab async throws in
      try await lab.startCopy(of: "bot1", end: ">/dev/null 2>&1 </dev/null &")
      try await eventually("the service saw it") { try lab.loginService.status().duplicates == ["bot1"] }
      #expect(try await lab.status().duplicateLogins == ["bot1"])
      try lab.loginService.forget()
      #expect(try lab.loginService.status().duplicates.isEmpty)
    }
  }

  @Test func `the broken version ends at once and the silent one never logs in`() async throws {
    try await withLab { lab async throws in
      try await lab.ssh(
        "web001",
        "mkdir v3 v4; tar -xzf registry/v3-broken.tar.gz -C v3; tar -xzf registry/v4-nologin.tar.gz -C v4"
      )
      let broken = await #expect(throws: LabError.self) {
        try await lab.startCopy(of: "bot1", program: "$HOME/v3/bin/bot")
      }
      guard case .tool(_, let detail) = broken else { return }
      #expect(detail.contains("cannot load strategy"))
      try #require(lab.process("web001", "bot2")).signal(SIGTERM)
      try await eventually("bot2 is gone") { lab.process("web001", "bot2") == nil }
      try await lab.startCopy(of: "bot2", program: "$HOME/v4/bin/bot", end: ">/dev/null 2>&1 </dev/null &")
      try await eventually("it beats") { lab.heartbeat("web001", "bot2")["version"] == "v4-nologin" }
      #expect(lab.heartbeat("web001", "bot2")["login"] == "no")
    }
  }

  @Test func `the same program makes the same images, and each version another`() async throws {
    var seen: [[Image]] = []
    for _ in 0..<2 { try await withLab { lab async throws in seen.append(lab.images) } }
    #expect(seen[0] == seen[1])
    #expect(Set(seen[0].map(\.digest)).count == 4)
    #expect(seen[0].map(\.name) == ["v1", "v2", "v3-broken", "v4-nologin"])
  }
}
