import PrimitiveKit
import Testing

@testable import RunbookHeader

struct SiteArgumentsTests {
  private static let list = """
    {
      { "target", type = "hosts", help = "Which hosts" },
      { "speed", type = "speed", default = "routine", choices = { "routine", "fast" } },
      { "settle", type = "duration", required = false, max = "1h" },
    }
    """

  /// Binds the parameters of `deploy`.
  private func bind(_ words: [String], _ values: [String: Value]) async throws -> RunbookArguments {
    let site = SiteArguments(["deploy": values, "other": ["speeed": .int(1)]]) { "site.lua:7 \($0)" }
    return try await Sample.parameters(Self.list).bind(words: words, site: site)
  }

  private func failure(_ values: [String: Value]) async throws -> CallFailure? {
    do {
      _ = try await bind(["target=all"], values)
      return nil
    } catch {
      return CallFailure(anyError: error)
    }
  }

  @Test func `the site gives what nobody gave, and it is known which that is`() async throws {
    let site: [String: Value] = ["target": .string("all"), "speed": .string("fast"), "settle": .string("2m")]
    let bound = try await bind([], site)
    #expect(bound.values == ["target": .string("all"), "speed": .string("fast"), "settle": .int(120)])
    #expect(bound.fromSite == ["target", "speed", "settle"])
    let given = try await bind(["target=web1", "speed=routine"], site)
    #expect(given.values == ["target": .string("web1"), "speed": .string("routine"), "settle": .int(120)])
    #expect(given.fromSite == ["settle"])
    #expect(try await bind(["target=web1"], [:]).fromSite.isEmpty)
  }

  @Test func `what the site gets wrong names its line`() async throws {
    let unknown = try #require(try await failure(["speeed": .string("fast")]))
    #expect(unknown.code == "site.invalid")
    let field = "dry_run.arguments.deploy.speeed"
    #expect(unknown.message == "site.lua:7 \(field): \(field): expected a parameter of 'deploy', got 'speeed'")
    #expect(unknown.hint == "did you mean 'speed'?")
    let wrong = try #require(try await failure(["settle": .string("2h")]))
    #expect(wrong.message.hasSuffix("dry_run.arguments.deploy.settle: expected at most 3600 seconds, got 7200"))
    #expect(ExitCode(failure: wrong) == .dataInvalid)
  }

  @Test func `a runbook that is not there is named with the nearest`() {
    let site = SiteArguments(["deplyo": [:]]) { _ in "site.lua:3" }
    let failure = #expect(throws: CallFailure.self) { try site.check(known: ["deploy", "exec"]) }
    #expect(failure?.message == "site.lua:3: dry_run.arguments.deplyo: expected the name of a runbook, got 'deplyo'")
    #expect(failure?.hint == "did you mean 'deploy'?")
    #expect(throws: Never.self) { try SiteArguments(["exec": [:]]).check(known: ["deploy", "exec"]) }
  }
}
