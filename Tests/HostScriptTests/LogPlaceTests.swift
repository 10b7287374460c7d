import Foundation
import HostScript
import Testing

/// Reading a log from the place where it ended before: what readiness is seen by.
struct LogPlaceTests {
  private func place(_ host: TestHost) async throws -> String {
    let answer = try await host.run(["logs", "--bots", "bot1", "--after", "end"])
    #expect(answer.status == 0 && answer.lines.count == 1, "\(answer)")
    return try #require(answer.lines.first?["place"])
  }

  private func lines(_ host: TestHost, after place: String, _ filter: String...) async throws -> [String] {
    let answer = try await host.run(["logs", "--bots", "bot1", "--after", place] + filter)
    #expect(answer.status == 0, "\(answer)")
    return answer.lines.compactMap { $0["line"] }
  }

  @Test(arguments: Shell.installed) func `only what was written since is read, and only what fits`(_ shell: Shell)
    async throws
  {
    try await TestHost.with(shell) { host in
      try await host.swap("v1", try await host.image("v1"))
      let path = "\(host.home)/bots/bot1/log/bot.log"
      let place = try await place(host)
      #expect(try await lines(host, after: place).isEmpty)
      let handle = try #require(FileHandle(forWritingAtPath: path))
      try handle.seekToEnd()
      try handle.write(contentsOf: Data("a. connected\nb connected\nno end".utf8))
      try handle.close()
      #expect(try await lines(host, after: place) == ["a. connected", "b connected", "no end"])
      #expect(try await lines(host, after: place, "--find", "a. c") == ["a. connected"])
      #expect(try await lines(host, after: place, "--like", "^[ab].? c") == ["a. connected", "b connected"])
      #expect(try await lines(host, after: place, "--find", "begins").isEmpty)

      // Another file, and one that was cut, are read from their start.
      try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
      try Data("new\n".utf8).write(to: URL(fileURLWithPath: path))
      #expect(try await lines(host, after: place) == ["new"])
      let odd = try await host.run(["logs", "--bots", "bot1", "--after", "1;2"])
      #expect(odd.status == 2 && odd.code == "host.usage")
    }
  }

  @Test func `a bot without a log has a place, too`() async throws {
    try await TestHost.with { host in
      try await host.swap("v1", try await host.image("v1"))
      try FileManager.default.removeItem(atPath: "\(host.home)/bots/bot1/log/bot.log")
      let place = try await place(host)
      #expect(place == "0.0")
      #expect(try await lines(host, after: place).isEmpty)
    }
  }
}
