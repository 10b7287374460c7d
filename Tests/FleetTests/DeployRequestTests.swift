import OpshTesting
import PrimitiveKit
import Rollout
import Site
import Testing

@testable import Fleet

struct DeployRequestTests {
  /// Wrong arguments and what is said of them (R1-03, R1-28).
  struct Wrong: Sendable, CustomTestStringConvertible {
    let arguments: DeployArguments
    let code: String
    let message: String
    let hint: String
    var testDescription: String { message }
  }

  static let wrong: [Wrong] = [
    Wrong(
      arguments: DeployArguments(target: "bot", speed: "fast", bot: number(1)),
      code: "call.argument",
      message: "target=\"bot\" takes no speed, and \'fast\' was given",
      hint: "drop speed="
    ),
    Wrong(
      arguments: DeployArguments(target: "staging", speed: "routine"),
      code: "call.argument",
      message: "target=\"staging\" takes no speed, and \'routine\' was given",
      hint: "drop speed="
    ),
    Wrong(
      arguments: DeployArguments(target: "all", bot: number(1)),
      code: "call.argument",
      message: "bot= works only with target=\"bot\", not with target=\"all\"",
      hint: "drop one of the two"
    ),
    Wrong(
      arguments: DeployArguments(target: "bot"),
      code: "call.argument",
      message: "target=\"bot\" needs bot=, for example bot=539",
      hint: "bot=539"
    ),
    Wrong(
      arguments: DeployArguments(),
      code: "call.argument",
      message: "fleet.deploy needs a target: staging, bot, all, or any selector",
      hint: "target=\"all\""
    ),
    Wrong(
      arguments: DeployArguments(target: "web[001-002]", speed: "immediate"),
      code: "speed.needs_whole_fleet",
      message: "speed 'immediate' is for the whole fleet only, but the target is not 'all'",
      hint: "'routine' or 'fast'"
    ),
    Wrong(
      arguments: DeployArguments(target: "all", speed: "10%"),
      code: "speed.unknown",
      message: "unknown speed '10%'",
      hint: "not a percentage"
    ),
    Wrong(
      arguments: DeployArguments(target: "all", speed: "routin"),
      code: "speed.unknown",
      message: "unknown speed 'routin'",
      hint: "'routine'"
    ),
    Wrong(
      arguments: DeployArguments(target: "all", image: "v22"),
      code: "fleet.unknown_image",
      message: "the site has no image 'v22'",
      hint: "'v2'"
    ),
    Wrong(
      arguments: DeployArguments(target: "stagin"),
      code: "fleet.unknown_name",
      message: "the site has no stagin",
      hint: "'staging'"
    ),
    Wrong(
      arguments: DeployArguments(target: "web[001-009]"),
      code: "fleet.unknown_name",
      message: "the site has no web[007-009]",
      hint: "web00"
    ),
    Wrong(
      arguments: DeployArguments(target: "web001!web001"),
      code: "fleet.empty_selection",
      message: "'web001!web001' selects nothing",
      hint: "name hosts, bots or groups"
    ),
    Wrong(
      arguments: DeployArguments(target: "bot", bot: number(77)),
      code: "fleet.unknown_name",
      message: "the site has no bot77",
      hint: "bot7"
    ),
  ]

  private static func number(_ bot: Int) -> BotNumber? { try? BotNumber(.int(bot)) }

  @Test(arguments: wrong) func `a wrong request is one sentence and a hint`(_ wrong: Wrong) throws {
    let models = try FleetOfModels()
    let failure = #expect(throws: CallFailure.self) { try models.request(wrong.arguments) }
    #expect(failure?.code == wrong.code)
    #expect(failure?.message == wrong.message)
    #expect(failure?.hint?.contains(wrong.hint) == true, "hint: \(failure?.hint ?? "none")")
    #expect(models.transport.sent == [])
  }

  @Test func `a site without a default image asks which`() throws {
    let models = try FleetOfModels { $0["default_image"] = nil }
    let failure = #expect(throws: CallFailure.self) { try models.request(DeployArguments(target: "all")) }
    #expect(failure?.code == "fleet.no_image")
    #expect(failure?.hint == "give image=, one of: v1, v2")
  }

  @Test func `all is the production hosts at the routine speed`() throws {
    let request = try FleetOfModels().request(DeployArguments(target: "all"))
    #expect(request.hostNames == (1...6).map { "web00\($0)" })
    #expect(request.botCount == 18)
    #expect(request.policy.name == "routine")
    #expect(request.image.name == "v2")
  }

  @Test func `a target names hosts and bots, hosts without bots too`() throws {
    let models = try FleetOfModels()
    let all = try models.fleet.target("all", bot: nil, in: models.site)
    #expect(all.hosts == (1...6).map { "web00\($0)" })
    #expect(all.value["bots_on"]["web002"] == ["bot4", "bot5", "bot6"].value)
    let one = try models.fleet.target("bot", bot: DeployRequestTests.number(5), in: models.site)
    #expect(one.hosts == ["web002"])
    #expect(one.value["bots"] == ["bot5"].value)
  }

  @Test func `staging is the trio`() throws {
    let request = try FleetOfModels().request(DeployArguments(target: "staging"))
    #expect(request.shares.flatMap(\.bots) == ["bot898", "bot899", "bot900"])
  }

  @Test(arguments: [Value.int(5), "5".value, "bot5".value])
  func `a bot is a number or a name`(_ given: Value) throws {
    let request = try FleetOfModels().request(DeployArguments(bot: try BotNumber(given)))
    #expect(request.target == "bot")
    #expect(request.shares.map(\.host.name) == ["web002"])
    #expect(request.shares.flatMap(\.bots) == ["bot5"])
  }

  @Test func `a selector takes bots and hosts in site order`() throws {
    let request = try FleetOfModels().request(DeployArguments(target: "bot[4-5],web001"))
    #expect(request.hostNames == ["web001", "web002"])
    #expect(request.shares.map(\.bots) == [["bot1", "bot2", "bot3"], ["bot4", "bot5"]])
  }

  @Test func `a settle of the call wins over the site and the speed`() throws {
    let models = try FleetOfModels { $0["settle"] = .int(2) }
    #expect(try models.request(DeployArguments(target: "all")).policy.settleSeconds == 2)
    #expect(try models.request(DeployArguments(target: "all", settle: .seconds(7))).policy.settleSeconds == 7)
    #expect(try FleetOfModels().request(DeployArguments(target: "all")).policy.settleSeconds == 10)
  }

  @Test func `an inconclusive gate fails where nobody watches`() throws {
    let batch = try FleetOfModels(isInteractive: false)
    #expect(try batch.request(DeployArguments(target: "all")).policy.inconclusiveGate == .fail)
    let prompt = try FleetOfModels(isInteractive: true)
    #expect(try prompt.request(DeployArguments(target: "all")).policy.inconclusiveGate == .pause)
  }

  @Test func `without a site the primitive says that it needs one`() async throws {
    let models = try FleetOfModels()
    let fleet = try Fleet(
      site: nil,
      runtimes: [:],
      world: models.fleet.world,
      dialogue: models.dialogue,
      options: SessionOptions(),
      interruptions: Interruptions()
    )
    for name in ["fleet.deploy", "fleet.plan", "fleet.hosts", "fleet.status", "fleet.query", "fleet.put"] {
      let primitive = try #require(fleet.primitives.first { $0.info.name == name })
      let given = primitive.info.parameters.filter(\.isRequired).map { ($0.name, "x".value) }
      let failure = await #expect(throws: CallFailure.self) {
        try await primitive.call([.table(Dictionary(uniqueKeysWithValues: given))])
      }
      #expect(failure?.code == "site.missing", "\(name): \(failure?.message ?? "nothing")")
      #expect(failure?.message == "\(name) needs a site, and no site was given")
    }
  }
}
