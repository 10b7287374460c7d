import HostScript
import Testing

struct UnknownSwapTests {
  @Test(arguments: ["state=dance\nto=x\n", "", "half"])
  func `an unfinished swap in an unknown state is an error that names state and file`(text: String) async throws {
    try await TestHost.with { host in
      let v1 = try await host.image("v1")
      try await host.swap("v1", v1)
      let before = host.processes
      try host.write(text, ".opsh/swap/bot1")
      let v2 = try await host.image("v2")
      let starts = [
        ["restart", "--bots", "bot1"], host.swapArguments("v2", v2, bots: "bot1"),
        host.swapArguments("v1", v1, bots: "bot1"),
      ]
      for words in starts {
        let answer = try await host.run(words)
        #expect(answer.status == 1)
        #expect(try answer.results.map(\.outcome) == [.failed])
        let detail = try #require(try answer.results.first?.detail)
        #expect(
          detail.contains("/.opsh/swap/bot1 contains the unknown state \"\(text.contains("dance") ? "dance" : "")\"")
        )
        #expect(host.processes == before && host.contents(".opsh/swap/bot1") == text)
      }
      #expect(try await host.run(["stop", "--bots", "bot1", "--stop", "5"]).results.map(\.outcome) == [.stopped])
      #expect(host.processes.isEmpty && host.contents(".opsh/swap/bot1") == text)
    }
  }
}
