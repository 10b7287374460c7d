import Testing

@testable import OpshLab

struct LoginServiceTests {
  @Test func `more logins than the burst are limited`() async throws {
    try await withLab { lab async throws in
      let service = lab.loginService
      // So slow that no token comes back while the test runs.
      try service.limit(rate: 1, burst: 3)
      var answers: [String] = []
      for number in 1...12 { answers.append(try service.ask("LOGIN bot=x\(number) host=h pid=1 version=v").trimmed) }
      #expect(answers.prefix(3) == ["OK", "OK", "OK"])
      #expect(answers.contains("LIMITED 5.0"))
      let limited = try #require(try service.status().counters["limited"])
      #expect(limited >= 1)
    }
  }

  @Test func `an attempt during the ban is limited even when there is room`() async throws {
    try await withLab { lab async throws in
      let service = lab.loginService
      try service.ban(seconds: 1000)
      try service.limit(rate: 1, burst: 1)
      var banned: String?
      for number in 1...20 where banned == nil {
        if try service.ask("LOGIN bot=x\(number) host=h").hasPrefix("LIMITED") { banned = "x\(number)" }
      }
      try service.limit(rate: 1000, burst: 1000)
      let name = try #require(banned)
      let again = try service.ask("LOGIN bot=\(name) host=h")
      let other = try service.ask("LOGIN bot=other host=h")
      #expect(again == "LIMITED 1000.0\n")
      #expect(other == "OK\n")
    }
  }

  @Test func `a limited bot waits out its ban and logs in`() async throws {
    try await withLab(botsPerHost: 6) { lab async throws in
      try lab.loginService.ban(seconds: 0.3)
      try lab.loginService.limit(rate: 4, burst: 1)
      try lab.loginService.refuse(host: "web001")
      try lab.loginService.allow(host: "web001")
      try await eventually("all six are back") { try Set(lab.loginService.status().sessions).count == 6 }
      #expect(lab.log("web001", "bot1").contains("session lost"))
    }
  }

  @Test func `a wrong order is answered with an error`() async throws {
    try await withLab(botsPerHost: 1) { lab async throws in
      for line in ["RATE 0 1", "RATE x y", "BAN -1", "HELLO", "LOGIN"] {
        let answer = try lab.loginService.ask(line)
        #expect(answer.hasPrefix("ERROR"), "\(line)")
      }
    }
  }
}
